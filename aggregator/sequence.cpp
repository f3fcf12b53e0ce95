#include "aggregator/sequence.hpp"

#include <algorithm>
#include <utility>

namespace weir::aggregator {
namespace {

// A wild seq can claim any number of predecessors; sums must not overflow.
constexpr std::uint64_t kMaxMissing = std::uint64_t{1} << 62;

}  // namespace

SequenceTracker::Epoch* SequenceTracker::find(std::uint64_t epoch) {
  const auto found = std::ranges::find(epochs_, epoch, &Epoch::epoch);
  if (found != epochs_.end()) return &*found;
  if (epochs_.size() == kMaxEpochs) {
    const auto oldest = std::ranges::min_element(epochs_, {}, &Epoch::epoch);
    if (oldest->epoch > epoch) return nullptr;
    missing_before_ = std::min(kMaxMissing, missing_before_ + oldest->missing);
    epochs_.erase(oldest);
  }
  epochs_.push_back(Epoch{.epoch = epoch, .gaps = {}});
  return &epochs_.back();
}

bool SequenceTracker::observe(std::uint64_t epoch, std::uint64_t seq, std::size_t max_gaps) {
  Epoch* state = find(epoch);
  if (state == nullptr) return true;
  const bool fresh = observe_in(*state, seq, max_gaps);
  duplicate_ += fresh ? 0 : 1;
  return fresh;
}

bool SequenceTracker::observe_in(Epoch& state, std::uint64_t seq, std::size_t max_gaps) {
  if (seq == 0) return !std::exchange(state.saw_zero, true);
  if (seq >= state.next) {
    if (seq > state.next) {
      state.gaps.emplace(state.next, seq - 1);
      state.missing = std::min(kMaxMissing, state.missing + (seq - state.next));
      if (state.gaps.size() > max_gaps) state.gaps.erase(state.gaps.begin());
    }
    state.next = seq + 1;
    return true;
  }
  auto gap = state.gaps.upper_bound(seq);
  if (gap == state.gaps.begin()) return false;
  --gap;
  const auto [first, last] = *gap;
  if (seq > last) return false;
  state.gaps.erase(gap);
  if (first < seq) state.gaps.emplace(first, seq - 1);
  if (seq < last) state.gaps.emplace(seq + 1, last);
  if (state.gaps.size() > max_gaps) state.gaps.erase(state.gaps.begin());
  --state.missing;
  return true;
}

std::uint64_t SequenceTracker::missing() const {
  std::uint64_t missing = missing_before_;
  for (const Epoch& state : epochs_) missing = std::min(kMaxMissing, missing + state.missing);
  return missing;
}

}  // namespace weir::aggregator
