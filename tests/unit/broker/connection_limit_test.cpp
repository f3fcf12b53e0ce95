#include "broker/connection_limit.hpp"

#include <catch2/catch.hpp>

using weir::broker::ConnectionLimit;
using namespace std::chrono_literals;

namespace {

constexpr ConnectionLimit::Clock::time_point kStart{};

}  // namespace

TEST_CASE("connections let in count at once, before anybody has seen them",
          "[broker][connection_limit]") {
  ConnectionLimit limit{3, 5s};
  for (int i = 0; i < 3; ++i) CHECK(limit.admit(kStart));
  CHECK_FALSE(limit.admit(kStart));
  limit.seen({.settled = 0, .young = 3});
  CHECK_FALSE(limit.admit(kStart + 1s));
}

TEST_CASE("one that has left makes room", "[broker][connection_limit]") {
  ConnectionLimit limit{3, 5s};
  for (int i = 0; i < 3; ++i) REQUIRE(limit.admit(kStart));
  limit.seen({.settled = 0, .young = 2});
  CHECK(limit.admit(kStart + 1s));
  CHECK_FALSE(limit.admit(kStart + 1s));
  limit.seen({.settled = 2, .young = 0});
  CHECK(limit.admit(kStart + 10s));
}

TEST_CASE("peers that never complete a handshake take nobody's place",
          "[broker][connection_limit]") {
  ConnectionLimit limit{3, 5s};
  limit.seen({.settled = 1, .young = 1'000});
  CHECK(limit.admit(kStart));
  CHECK(limit.admit(kStart));
  CHECK_FALSE(limit.admit(kStart));
}

TEST_CASE("those that wait at the limit do not keep it reached", "[broker][connection_limit]") {
  ConnectionLimit limit{2, 5s};
  REQUIRE(limit.admit(kStart));
  REQUIRE(limit.admit(kStart));
  // One of the two has left, fifty wait: for as long as the two may be among the young ones, the
  // figure is an upper bound; then there is room.
  limit.seen({.settled = 0, .young = 51});
  CHECK_FALSE(limit.admit(kStart + 1s));
  limit.seen({.settled = 1, .young = 50});
  CHECK(limit.admit(kStart + 6s));
  CHECK_FALSE(limit.admit(kStart + 6s));
}

TEST_CASE("many that come and go are no reason to refuse", "[broker][connection_limit]") {
  ConnectionLimit limit{3, 5s};
  for (int i = 0; i < 1'000; ++i) {
    CHECK(limit.admit(kStart));
    limit.seen({.settled = 0, .young = 0});
  }
}

TEST_CASE("a limit of 0 is none", "[broker][connection_limit]") {
  ConnectionLimit limit{0, 5s};
  limit.seen({.settled = 1'000'000, .young = 1'000'000});
  CHECK(limit.admit(kStart));
}
