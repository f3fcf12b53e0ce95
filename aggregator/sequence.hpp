#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace weir::aggregator {

// Tells from the seq and epoch of one worker's messages which are missing and which came twice.
// Numbers start at 1 in each epoch (a start at 0 is accepted). A number that arrives out of order
// fills its gap. Beyond `max_gaps` open gaps of all epochs the oldest stays missing for good: a
// message of it that still comes counts as a duplicate. The newest kMaxEpochs epochs are told
// apart; a message of an older one cannot be judged and counts as new. At most kMaxMissing are
// missing, whatever numbers come, so that the sum over all workers fits into 63 bits.
class SequenceTracker {
 public:
  static constexpr std::size_t kMaxEpochs = 16;
  static constexpr std::uint64_t kMaxMissing = std::uint64_t{1} << 40U;

  // Returns false for a duplicate.
  bool observe(std::uint64_t epoch, std::uint64_t seq, std::size_t max_gaps);

  // What goes on from here without counting anything again: for the worker's next run.
  SequenceTracker continued() const;

  std::uint64_t missing() const;
  std::uint64_t duplicate() const { return duplicate_; }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(epochs_, gaps_, missing_before_, duplicate_);
  }

 private:
  struct Epoch {
    std::uint64_t epoch = 0;
    std::uint64_t last = 0;                       // the largest number seen
    std::map<std::uint64_t, std::uint64_t> gaps;  // first -> last number not seen yet
    std::uint64_t missing = 0;
    bool saw_zero = false;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(epoch, last, gaps, missing, saw_zero);
    }
  };

  Epoch* find(std::uint64_t epoch);
  bool observe_in(Epoch& state, std::uint64_t seq);
  bool fill_gap(Epoch& state, std::uint64_t seq);
  void add_gap(Epoch& state, std::uint64_t first, std::uint64_t last);
  void limit_gaps(std::size_t max_gaps);

  std::vector<Epoch> epochs_;
  std::size_t gaps_ = 0;              // of all epochs
  std::uint64_t missing_before_ = 0;  // of epochs no longer told apart
  std::uint64_t duplicate_ = 0;
};

}  // namespace weir::aggregator
