#pragma once

#include <chrono>
#include <cstdint>

namespace weir::runners {

// When a load test does what, as pure arithmetic: durations count from the start of the test.
// During `ramp` the load grows linearly from nothing to all of it; 0 means at once.
struct Pace {
  std::chrono::nanoseconds ramp{0};

  // When user `user` of `users` begins (0 is the first). REQUIRES: user < users.
  std::chrono::nanoseconds user_begins(std::uint64_t user, std::uint64_t users) const;

  // When request `number` (0 is the first) is due at `per_s` requests per second.
  // REQUIRES: per_s > 0.
  std::chrono::nanoseconds request_due(std::uint64_t number, double per_s) const;
  // How many requests are due before `time`. REQUIRES: per_s > 0.
  std::uint64_t requests_due_before(std::chrono::nanoseconds time, double per_s) const;
};

}  // namespace weir::runners
