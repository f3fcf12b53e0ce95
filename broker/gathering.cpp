#include "broker/gathering.hpp"

#include <algorithm>

namespace weir::broker {
namespace {

// The rate is that of this time.
constexpr std::chrono::milliseconds kMeasure{10};
// Fewer frames a second are not worth a pause; where more come than this the core has none to lose.
constexpr double kFast = 10'000;
constexpr double kTooFast = 500'000;
constexpr std::chrono::microseconds kLongestPause{1'000};

}  // namespace

void Gathering::note(std::size_t frames, Clock::time_point now) {
  frames_ += frames;
  if (now - since_ < kMeasure) return;
  const double per_us = static_cast<double>(frames_) /
                        std::chrono::duration<double, std::micro>(now - since_).count();
  frames_ = 0;
  since_ = now;
  pause_ = std::chrono::microseconds{0};
  if (per_us * 1e6 < kFast || per_us * 1e6 > kTooFast) return;
  const double fill_us = static_cast<double>(frames_max_) / per_us;
  pause_ = std::min(kLongestPause,
                    std::chrono::microseconds{static_cast<std::int64_t>(std::min(fill_us, 1e6))});
}

}  // namespace weir::broker
