#include "aggregator/sequence.hpp"

#include <algorithm>
#include <utility>

namespace weir::aggregator {

void SequenceTracker::go_on_from(SequenceTracker& before) {
  epochs_ = std::exchange(before.epochs_, {});
  gaps_ = std::exchange(before.gaps_, 0);
}

void SequenceTracker::found() { missing_ -= missing_ > 0 ? 1 : 0; }

SequenceTracker::Epoch* SequenceTracker::find(std::uint64_t epoch) {
  const auto found = std::ranges::find(epochs_, epoch, &Epoch::epoch);
  if (found != epochs_.end()) return &*found;
  if (epochs_.size() == kMaxEpochs) {
    const auto oldest = std::ranges::min_element(epochs_, {}, &Epoch::epoch);
    if (oldest->epoch > epoch) return nullptr;
    gaps_ -= oldest->gaps.size();
    epochs_.erase(oldest);
  }
  epochs_.push_back(Epoch{.epoch = epoch, .gaps = {}});
  return &epochs_.back();
}

bool SequenceTracker::observe(std::uint64_t epoch, std::uint64_t seq, std::size_t max_gaps) {
  missed_in_ = 0;
  Epoch* state = find(epoch);
  if (state == nullptr) return true;
  const bool fresh = observe_in(*state, seq);
  duplicate_ += fresh ? 0 : 1;
  if (gaps_ > max_gaps) limit_gaps(max_gaps);
  return fresh;
}

bool SequenceTracker::observe_in(Epoch& state, std::uint64_t seq) {
  if (seq == 0) return !std::exchange(state.saw_zero, true);
  if (seq <= state.last) return fill_gap(state, seq);
  const std::uint64_t skipped = seq - state.last - 1;
  if (skipped > 0) {
    add_gap(state, state.last + 1, {seq - 1, run_});
    missing_ = std::min(kMaxMissing, missing_ + std::min(kMaxMissing, skipped));
  }
  state.last = seq;
  return true;
}

bool SequenceTracker::fill_gap(Epoch& state, std::uint64_t seq) {
  auto gap = state.gaps.upper_bound(seq);
  if (gap == state.gaps.begin()) return false;
  --gap;
  const auto [first, rest] = *gap;
  if (seq > rest.last) return false;
  state.gaps.erase(gap);
  --gaps_;
  if (first < seq) add_gap(state, first, {seq - 1, rest.run});
  if (seq < rest.last) add_gap(state, seq + 1, rest);
  if (rest.run == run_) {
    found();
  } else {
    missed_in_ = rest.run;
  }
  return true;
}

void SequenceTracker::add_gap(Epoch& state, std::uint64_t first, const Gap& gap) {
  state.gaps.emplace(first, gap);
  ++gaps_;
}

void SequenceTracker::limit_gaps(std::size_t max_gaps) {
  for (; gaps_ > max_gaps; --gaps_) {
    Epoch* oldest = nullptr;
    for (Epoch& state : epochs_) {
      if (state.gaps.empty()) continue;
      if (oldest == nullptr || state.epoch < oldest->epoch) oldest = &state;
    }
    oldest->gaps.erase(oldest->gaps.begin());
  }
}

}  // namespace weir::aggregator
