#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace weir::aggregator {

// Tells from the seq and epoch of one worker's messages in one run which are missing and which came
// twice. The numbers of a worker go through all its runs: with each message that is for another run
// than the one before, what is known of them goes on there, and what is missing stays counted in
// the run in which that was noticed.
// Numbers start at 1 in each epoch (a start at 0 is accepted). A number that arrives out of order
// fills its gap. Beyond `max_gaps` open gaps of all epochs the oldest stays missing for good: a
// message of it that still comes counts as a duplicate. The newest kMaxEpochs epochs are told
// apart; a message of an older one cannot be judged and counts as new. At most kMaxMissing are
// missing, whatever numbers come, so that the sum over all workers fits into 63 bits.
class SequenceTracker {
 public:
  static constexpr std::size_t kMaxEpochs = 16;
  static constexpr std::uint64_t kMaxMissing = std::uint64_t{1} << 40U;

  explicit SequenceTracker(std::int64_t run = 0) : run_(run) {}

  // Returns false for a duplicate.
  bool observe(std::uint64_t epoch, std::uint64_t seq, std::size_t max_gaps);
  // The run that had counted the number just observed as missing, if that is another one: it is to
  // be told by found(). 0: none.
  std::int64_t missed_in() const { return missed_in_; }
  // A number that was missing here came in another run.
  void found();

  // Takes over what the worker's numbers were in its run before.
  void go_on_from(SequenceTracker& before);

  std::uint64_t missing() const { return missing_; }
  std::uint64_t duplicate() const { return duplicate_; }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(run_, epochs_, gaps_, missing_, duplicate_);
  }

 private:
  struct Gap {
    std::uint64_t last = 0;
    std::int64_t run = 0;  // that noticed it

    template <class Archive>
    void serialize(Archive& archive) {
      archive(last, run);
    }
  };
  struct Epoch {
    std::uint64_t epoch = 0;
    std::uint64_t last = 0;             // the largest number seen
    std::map<std::uint64_t, Gap> gaps;  // by the first number not seen yet
    bool saw_zero = false;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(epoch, last, gaps, saw_zero);
    }
  };

  Epoch* find(std::uint64_t epoch);
  bool observe_in(Epoch& state, std::uint64_t seq);
  bool fill_gap(Epoch& state, std::uint64_t seq);
  void add_gap(Epoch& state, std::uint64_t first, const Gap& gap);
  void limit_gaps(std::size_t max_gaps);

  std::int64_t run_;
  std::int64_t missed_in_ = 0;
  std::vector<Epoch> epochs_;
  std::size_t gaps_ = 0;  // of all epochs
  std::uint64_t missing_ = 0;
  std::uint64_t duplicate_ = 0;
};

}  // namespace weir::aggregator
