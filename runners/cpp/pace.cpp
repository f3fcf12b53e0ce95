#include "runners/cpp/pace.hpp"

#include <algorithm>
#include <cmath>

namespace weir::runners {
namespace {

using Seconds = std::chrono::duration<double>;

std::chrono::nanoseconds to_nanoseconds(double seconds) {
  // A slow rate and a large number may be due beyond the end of the clock: never is soon enough.
  constexpr double kNeverSeconds = 1e9;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      Seconds{std::min(seconds, kNeverSeconds)});
}

}  // namespace

std::chrono::nanoseconds Pace::user_begins(std::uint64_t user, std::uint64_t users) const {
  return to_nanoseconds(Seconds{ramp}.count() * static_cast<double>(user) /
                        static_cast<double>(users));
}

// While the rate grows as per_s * t / ramp, per_s * t^2 / (2 * ramp) requests are due by t: the
// ramp sends half of what its time would see at full rate. After it t - ramp / 2 takes the place
// of t.
std::chrono::nanoseconds Pace::request_due(std::uint64_t number, double per_s) const {
  const double ramp_s = Seconds{ramp}.count();
  const auto n = static_cast<double>(number);
  const double in_ramp = per_s * ramp_s / 2;
  if (n < in_ramp) return to_nanoseconds(std::sqrt(2 * ramp_s * n / per_s));
  return to_nanoseconds(ramp_s / 2 + n / per_s);
}

// By bisection, so that it agrees with request_due to the last bit.
std::uint64_t Pace::requests_due_before(std::chrono::nanoseconds time, double per_s) const {
  std::uint64_t low = 0;
  std::uint64_t high = std::uint64_t{1} << 53U;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (request_due(middle, per_s) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace weir::runners
