#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "aggregator/run.hpp"
#include "schema/record.hpp"

namespace weir::aggregator {

// Collects a run and its state for the store as they are when this is made, while messages go on
// being applied: labels are many and large, so they are collected a few at a time, and each at the
// latest before it changes. One at a time for a run, which must outlive it.
//
//   RunCheckpoint checkpoint{run, false};
//   while (checkpoint.step(16)) ...;      // receive what has come meanwhile
//   checkpoint.move_into(batch);
class RunCheckpoint : private LabelWatch {
 public:
  // Collects at once all but labels. `all`: unchanged rows too.
  RunCheckpoint(Run& run, bool all);
  ~RunCheckpoint() override;
  RunCheckpoint(const RunCheckpoint&) = delete;
  RunCheckpoint& operator=(const RunCheckpoint&) = delete;

  const Run& run() const { return run_; }
  // Collects up to so many more labels. Returns whether some are left.
  bool step(std::size_t labels_max);
  // REQUIRES: none is left. Once.
  void move_into(schema::StoreBatch& batch);

 private:
  void before_change(std::uint32_t label) override { take(label); }
  void take(std::uint32_t label);

  Run& run_;
  bool all_;
  schema::StoreBatch batch_;
  std::vector<std::string> parts_;  // of the state: that of label n is n; empty: not taken
  std::uint32_t next_ = 1;          // all labels before it were taken
};

}  // namespace weir::aggregator
