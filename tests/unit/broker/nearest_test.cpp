#include "broker/nearest.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using weir::broker::nearest_name;

TEST_CASE("the name with the least edits is the nearest", "[broker][nearest]") {
  const std::vector<std::string> names{"feed.tick_ms", "feed.sndhwm", "relay.sndhwm"};
  CHECK(nearest_name("feed.tick_ms", names) == "feed.tick_ms");
  CHECK(nearest_name("feed.tick", names) == "feed.tick_ms");
  CHECK(nearest_name("feed.tikc_ms", names) == "feed.tick_ms");
  CHECK(nearest_name("feeed.sndhvm", names) == "feed.sndhwm");
  CHECK(nearest_name("rely.sndhwm", names) == "relay.sndhwm");
}

TEST_CASE("swapped neighbours count as one edit", "[broker][nearest]") {
  // Two replacements away from "cab", one swap away from "abc".
  const std::vector<std::string> names{"cab", "abc"};
  CHECK(nearest_name("bac", names) == "abc");
}

TEST_CASE("nothing is near what is not alike", "[broker][nearest]") {
  CHECK(nearest_name("zebra", std::vector<std::string>{"feed.tick_ms"}) == std::nullopt);
  CHECK(nearest_name("", std::vector<std::string>{"feed.tick_ms"}) == std::nullopt);
  CHECK(nearest_name("feed", std::vector<std::string>{}) == std::nullopt);
  CHECK(nearest_name(std::string(1'000'000, 'a'),
                     std::vector<std::string>{std::string(1'000'000, 'a')}) == std::nullopt);
}
