#include "aggregator/distinct.hpp"

#include <cmath>
#include <random>

#include <catch2/catch.hpp>

namespace weir::aggregator {
namespace {

TEST_CASE("nothing seen is zero distinct values", "[aggregator][distinct]") {
  CHECK(DistinctEstimate{}.estimate() == 0);
}

TEST_CASE("up to a thousand values are counted exactly", "[aggregator][distinct]") {
  DistinctEstimate distinct;
  for (std::uint64_t i = 1; i <= DistinctEstimate::kExact; ++i) {
    distinct.add(i);
    distinct.add(i);
    distinct.add(1);
    REQUIRE(distinct.estimate() == i);
  }
}

void check_within_5_percent(std::uint64_t seen, const DistinctEstimate& distinct) {
  CAPTURE(seen, distinct.estimate());
  const double error =
      std::abs(static_cast<double>(distinct.estimate()) / static_cast<double>(seen) - 1);
  CHECK(error < 0.05);
}

TEST_CASE("larger numbers are within five percent", "[aggregator][distinct]") {
  // Consecutive numbers and multiples stand for hashes that are weak in some bits.
  for (const std::uint64_t step : {std::uint64_t{1}, std::uint64_t{1} << 40U}) {
    DistinctEstimate distinct;
    std::uint64_t next_check = 1'001;
    for (std::uint64_t i = 1; i <= 300'000; ++i) {
      distinct.add(i * step);
      if (i != next_check) continue;
      check_within_5_percent(i, distinct);
      next_check = next_check * 5 / 4;
    }
  }
}

TEST_CASE("random values are within five percent up to five million", "[aggregator][distinct]") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    std::mt19937_64 random{seed};
    DistinctEstimate distinct;
    std::uint64_t next_check = 1'001;
    for (std::uint64_t i = 1; i <= 5'000'000; ++i) {
      distinct.add(random());
      if (i != next_check) continue;
      check_within_5_percent(i, distinct);
      next_check *= 2;
    }
  }
}

TEST_CASE("repeating values never changes the estimate", "[aggregator][distinct]") {
  DistinctEstimate distinct;
  for (std::uint64_t i = 0; i < 5'000; ++i) distinct.add(i);
  const std::uint64_t once = distinct.estimate();
  for (std::uint64_t i = 0; i < 5'000; ++i) distinct.add(i);
  CHECK(distinct.estimate() == once);
}

}  // namespace
}  // namespace weir::aggregator
