#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "schema/record.hpp"

namespace weir::broker {

// Rows on their way to the store, newest state only: a row that replaces another of the same key
// does so here already, intervals of the same key merge, counts add up. So a slow disk costs
// freshness, not memory. Raw hits may take half of `rows_max` and are counted as not kept beyond
// it, so that they never crowd out figures; any other new row beyond it is dropped and counted.
// What comes while nothing waits is taken whole, as it is: limits bound it. Rows of runs, run
// states, marks, keys, what people asked for and the checkpoint are never dropped and not counted
// as rows. Not thread-safe.
class PendingRows {
 public:
  explicit PendingRows(std::size_t rows_max) : rows_max_(rows_max) {}

  static constexpr std::size_t hits_max(std::size_t rows_max) { return rows_max / 2; }

  void add(schema::StoreBatch&& batch);
  // Everything, as one batch; leaves nothing.
  schema::StoreBatch take();

  std::size_t rows() const { return rows_; }
  std::size_t hits() const { return whole_ ? whole_->hits.size() : hits_.size(); }  // of the rows
  std::uint64_t rows_dropped() const { return rows_dropped_; }
  std::uint64_t hits_not_kept() const { return hits_not_kept_; }

 private:
  using IntervalKey = std::tuple<std::int64_t, std::uint32_t, schema::Timestamp>;
  using ErrorKey = std::tuple<std::int64_t, std::string, std::string, std::string, std::string>;
  template <class Key, class Record>
  void replace(std::map<Key, Record>& map, Key key, std::type_identity_t<Record>&& record);
  template <class Record>
  void append(std::vector<Record>& list, std::vector<Record>&& more);
  void add_intervals(std::vector<schema::IntervalRecord>&& intervals);
  void add_not_kept(std::int64_t run, std::uint64_t count);
  void add_hits(std::vector<schema::HitRecord>&& hits);
  void sort_in(schema::StoreBatch&& batch);
  void add_progress(schema::StoreBatch&& batch);
  bool has_room();

  std::size_t rows_max_;
  // What came first and waits alone. Nearly always it is taken before more comes: looking for rows
  // of the same key would be for nothing, and the one who adds waits for it.
  std::optional<schema::StoreBatch> whole_;
  bool empty_ = true;
  std::size_t room_ = 0;  // rows that fit while the batch at hand is added
  std::size_t rows_ = 0;
  std::uint64_t rows_dropped_ = 0;
  std::uint64_t hits_not_kept_ = 0;
  std::map<std::int64_t, schema::RunRecord> runs_;
  std::map<std::pair<std::int64_t, std::string>, schema::WorkerRecord> workers_;
  std::map<std::pair<std::int64_t, std::uint32_t>, schema::LabelRecord> labels_;
  std::map<IntervalKey, schema::IntervalRecord> intervals_;
  std::map<std::pair<std::int64_t, std::string>, schema::TestRecord> tests_;
  std::map<std::pair<std::int64_t, std::string>, schema::CounterRecord> counters_;
  std::map<std::int64_t, schema::SocketsRecord> sockets_;
  std::map<ErrorKey, schema::ErrorRecord> errors_;
  std::map<std::pair<std::int64_t, std::string>, schema::RejectRecord> rejects_;
  std::map<std::int64_t, std::uint64_t> not_kept_;
  std::vector<schema::HitRecord> hits_;
  std::vector<schema::RejectSample> reject_samples_;
  std::vector<schema::EventRecord> events_;
  std::vector<std::int64_t> forgotten_;
  std::map<std::int64_t, schema::RunStateRecord> states_;
  std::set<std::string> forgotten_senders_;
  std::map<std::string, schema::MarkRecord> marks_;
  std::vector<std::string> forgotten_keys_;
  std::vector<schema::KeyRecord> keys_;
  std::vector<schema::RunEdit> edits_;
  std::vector<std::int64_t> deletions_;
  std::optional<schema::Checkpoint> checkpoint_;
  bool synced_ = false;
};

}  // namespace weir::broker
