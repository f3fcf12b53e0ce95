#include "http/comparison.hpp"

#include <catch2/catch.hpp>

using namespace weir::http;

namespace {

Compared figures(std::uint64_t count, std::int64_t p95_us) {
  Compared of;
  of.count = count;
  of.per_s = static_cast<double>(count) / 10;
  of.response.count = count;
  of.response.p95_us = p95_us;
  return of;
}

using Names = std::vector<std::string_view>;

}  // namespace

TEST_CASE("a change is in percent of the base", "[http][comparison]") {
  const Change change = change_of(figures(1'000, 200'000), figures(1'500, 150'000));
  CHECK(change.p95 == -25.0);
  CHECK(change.per_s == 50.0);
  CHECK_FALSE(change.p50);
}

TEST_CASE("failed hits differ in percentage points", "[http][comparison]") {
  Compared base = figures(1'000, 1), other = figures(200, 1);
  base.failed = 10;
  other.failed = 6;
  CHECK(*change_of(base, other).failed_points == Approx(2.0));
  base.failed = 0;
  CHECK(*change_of(base, other).failed_points == Approx(3.0));
}

TEST_CASE("where the base has no figure or 0 there is no percentage", "[http][comparison]") {
  CHECK_FALSE(change_of(figures(1'000, 0), figures(1'000, 5)).p95);
  CHECK_FALSE(change_of({}, figures(1'000, 5)).failed_points);
}

TEST_CASE("too few samples to say are named, by the smaller of the two", "[http][comparison]") {
  const auto too_few = [](std::uint64_t one, std::uint64_t two) {
    return change_of(figures(one, 1), figures(two, 1)).too_few;
  };
  CHECK(too_few(10'000, 10'000).empty());
  CHECK(too_few(9'999, 1'000'000) == Names{"p999"});
  CHECK(too_few(1'000'000, 999) == Names{"p99", "p999"});
  CHECK(too_few(199, 199) == Names{"p95", "p99", "p999"});
  CHECK(too_few(99, 99) == Names{"p90", "p95", "p99", "p999"});
  CHECK(too_few(19, 19) == Names{"mean", "p50", "p90", "p95", "p99", "p999"});
}
