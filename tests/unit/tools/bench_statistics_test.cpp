#include "tools/bench_statistics.hpp"

#include <catch2/catch.hpp>

namespace weir::tools {

TEST_CASE("the median of rounds is the one in the middle, whatever their order", "[tools][bench]") {
  CHECK(spread_of({5, 1, 3}) == Spread{3, 1, 5});
  CHECK(spread_of({7}) == Spread{7, 7, 7});
}

TEST_CASE("the median of an even number of rounds lies between the two in the middle",
          "[tools][bench]") {
  CHECK(spread_of({4, 1, 2, 10}) == Spread{3, 1, 10});
}

TEST_CASE("no rounds have no spread", "[tools][bench]") { CHECK(spread_of({}) == Spread{}); }

}  // namespace weir::tools
