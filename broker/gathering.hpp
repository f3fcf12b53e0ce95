#pragma once

#include <chrono>
#include <cstddef>

namespace weir::broker {

// Says how long frames are to be let come before the core looks again. Where they come fast, waking
// up for each few of them costs more than they do; where they come slowly each is taken at once.
// No clock of its own, not thread-safe.
class Gathering {
 public:
  using Clock = std::chrono::steady_clock;

  // A quarter of the frames that a connection may have waiting is let come at most.
  explicit Gathering(std::size_t frames_waiting_max, Clock::time_point now)
      : frames_max_(frames_waiting_max / 4), since_(now) {}

  // So many frames were taken.
  void note(std::size_t frames, Clock::time_point now);
  // 0: the next frame is to be waited for.
  std::chrono::microseconds pause() const { return pause_; }

 private:
  std::size_t frames_max_;
  std::size_t frames_ = 0;
  Clock::time_point since_;
  std::chrono::microseconds pause_{0};
};

}  // namespace weir::broker
