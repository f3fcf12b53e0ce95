#pragma once

#include <chrono>

#include "schema/time.hpp"

namespace weir::broker {

// The UTC by which runs live. Their time-outs must not fire, nor wait, because somebody sets the
// clock of the machine: when that is set by more than kStep, this one goes on evenly as it was,
// until follow(). Slower corrections it follows. Used by one thread.
class ArrivalClock {
 public:
  static constexpr std::chrono::seconds kStep{1};

  // What the machine says: UTC, and the time since it was started, asleep or not.
  struct Reading {
    schema::Timestamp utc;
    std::chrono::nanoseconds since_boot;
  };
  static Reading read();

  explicit ArrivalClock(const Reading& first) : last_(first) {}

  schema::Timestamp at(const Reading& reading);
  schema::Timestamp now() { return at(read()); }

  // By how much the machine's clock is ahead of this one; negative: behind.
  std::chrono::microseconds apart() const { return apart_; }
  // From now on it is that of the machine.
  void follow() { apart_ = {}; }

 private:
  Reading last_;
  std::chrono::microseconds apart_{};
};

}  // namespace weir::broker
