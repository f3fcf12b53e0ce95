#include "runners/cpp/pace.hpp"

#include <chrono>
#include <cstdint>

#include <catch2/catch.hpp>

namespace weir::runners {
namespace {

using namespace std::chrono_literals;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

TEST_CASE("without a ramp all users begin at once", "[runners][pace]") {
  const Pace pace;
  CHECK(pace.user_begins(0, 10) == 0s);
  CHECK(pace.user_begins(9, 10) == 0s);
}

TEST_CASE("users begin evenly over the ramp, the first at once", "[runners][pace]") {
  const Pace pace{10s};
  CHECK(pace.user_begins(0, 5) == 0s);
  CHECK(pace.user_begins(1, 5) == 2s);
  CHECK(pace.user_begins(4, 5) == 8s);
}

TEST_CASE("without a ramp requests are due at equal distances", "[runners][pace]") {
  const Pace pace;
  CHECK(pace.request_due(0, 100) == 0s);
  CHECK(pace.request_due(1, 100) == 10ms);
  CHECK(pace.request_due(1000, 100) == 10s);
  CHECK(pace.request_due(1, 0.5) == 2s);
}

TEST_CASE("a ramp sends half of what its time would see at full rate", "[runners][pace]") {
  const Pace pace{10s};
  CHECK(pace.request_due(0, 100) == 0s);
  CHECK(seconds(pace.request_due(499, 100)) < 10);
  CHECK(seconds(pace.request_due(500, 100)) == Approx(10));
  CHECK(seconds(pace.request_due(600, 100)) == Approx(11));
}

TEST_CASE("during a ramp the rate grows linearly", "[runners][pace]") {
  // The truth: count requests by walking along the rate in steps of a microsecond.
  const Pace pace{2s};
  const double per_s = 40;
  double due_so_far = 0;
  std::uint64_t next = 0;
  for (int step = 0; step < 3'000'000; ++step) {
    const double time = step * 1e-6;
    if (due_so_far >= static_cast<double>(next)) {
      INFO("request " << next);
      CHECK(seconds(pace.request_due(next, per_s)) == Approx(time).margin(0.001));
      ++next;
    }
    due_so_far += per_s * std::min(time / 2, 1.0) * 1e-6;
  }
  CHECK(next >= 80);
}

TEST_CASE("the requests due before a time are those whose due time is earlier", "[runners][pace]") {
  for (const Pace pace : {Pace{}, Pace{700ms}}) {
    for (const double per_s : {0.7, 3.0, 1000.0, 333.333}) {
      std::uint64_t expected = 0;
      while (pace.request_due(expected, per_s) < 1900ms) ++expected;
      CHECK(pace.requests_due_before(1900ms, per_s) == expected);
    }
  }
  CHECK(Pace{}.requests_due_before(0s, 100) == 0);
  CHECK(Pace{}.requests_due_before(1s, 100) == 100);
}

TEST_CASE("a request far beyond the end of time is due late, not early", "[runners][pace]") {
  CHECK(Pace{}.request_due(std::uint64_t{1} << 53U, 0.001) > 24h * 365);
}

}  // namespace
}  // namespace weir::runners
