#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace weir::aggregator {

// Tells from the seq and epoch of one worker's messages which are missing and which came twice.
// Numbers start at 1 in each epoch (a start at 0 is accepted). A number that arrives out of order
// fills its gap. Beyond `max_gaps` open gaps the oldest stays missing for good: a message of it
// that still comes counts as a duplicate. The newest kMaxEpochs epochs are told apart; a message
// of an older one cannot be judged and counts as new.
class SequenceTracker {
 public:
  static constexpr std::size_t kMaxEpochs = 16;

  // Returns false for a duplicate.
  bool observe(std::uint64_t epoch, std::uint64_t seq, std::size_t max_gaps);

  std::uint64_t missing() const;
  std::uint64_t duplicate() const { return duplicate_; }

 private:
  struct Epoch {
    std::uint64_t epoch = 0;
    std::uint64_t next = 1;                        // above every number seen
    std::map<std::uint64_t, std::uint64_t> gaps;  // first -> last number not seen yet
    std::uint64_t missing = 0;
    bool saw_zero = false;
  };

  Epoch* find(std::uint64_t epoch);
  static bool observe_in(Epoch& state, std::uint64_t seq, std::size_t max_gaps);

  std::vector<Epoch> epochs_;
  std::uint64_t missing_before_ = 0;  // of epochs no longer told apart
  std::uint64_t duplicate_ = 0;
};

}  // namespace weir::aggregator
