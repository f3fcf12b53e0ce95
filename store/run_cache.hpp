#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::store {

// What the writer remembers about the runs it writes, so that it need not ask the file: which runs
// have a row, the labels.id of a run's labels, and how many raw hits are kept. Follows the
// transaction: what was learnt in one that was rolled back is forgotten. Memory: 10,000 labels of
// a run are about 0.5 MB, until forget().
class RunCache {
 public:
  struct Kept {
    std::uint64_t successes = 0, failures = 0;
  };

  bool has_run(std::int64_t run) const { return runs_.contains(run); }
  void add_run(std::int64_t run);

  // `label` as in schema::LabelRecord. REQUIRES for all: has_run(run).
  std::optional<std::int64_t> label_id(std::int64_t run, std::uint32_t label) const;
  void set_label_id(std::int64_t run, std::uint32_t label, std::int64_t id);
  // Empty until it is set.
  std::optional<Kept>& kept(std::int64_t run) { return runs_.at(run).kept; }

  void commit();
  void roll_back();
  void forget(std::int64_t run) { runs_.erase(run); }

 private:
  struct Run {
    std::unordered_map<std::uint32_t, std::int64_t> label_ids;
    std::optional<Kept> kept;
  };

  std::unordered_map<std::int64_t, Run> runs_;
  std::vector<std::int64_t> new_runs_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> new_labels_;
};

}  // namespace weir::store
