#include "broker/arrival_clock.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::broker::ArrivalClock;
using weir::schema::Timestamp;

namespace {

const Timestamp kNoon{std::chrono::hours{12}};

ArrivalClock clock_at_noon() { return ArrivalClock{{kNoon, 5s}}; }

}  // namespace

TEST_CASE("while nobody sets the clock, arrivals have the machine's time",
          "[broker][arrival_clock]") {
  auto clock = clock_at_noon();
  CHECK(clock.at({kNoon + 1s, 6s}) == kNoon + 1s);
  CHECK(clock.at({kNoon + 1h, 5s + 1h}) == kNoon + 1h);  // asleep in between
  CHECK(clock.apart() == 0us);
}

TEST_CASE("a clock that is set changes nothing for arrivals", "[broker][arrival_clock]") {
  for (const auto set_by : {std::chrono::microseconds{2h}, std::chrono::microseconds{-2h}}) {
    auto clock = clock_at_noon();
    CHECK(clock.at({kNoon + 1s + set_by, 6s}) == kNoon + 1s);
    CHECK(clock.at({kNoon + 2s + set_by, 7s}) == kNoon + 2s);
    CHECK(clock.apart() == set_by);
    CHECK(clock.at({kNoon + 3s, 8s}) == kNoon + 3s);  // set right again
    CHECK(clock.apart() == 0us);
  }
}

TEST_CASE("a clock that is corrected slowly is followed", "[broker][arrival_clock]") {
  auto clock = clock_at_noon();
  for (int i = 1; i <= 1000; ++i) {
    const Timestamp slewed = kNoon + i * 1s + i * 10ms;
    CHECK(clock.at({slewed, 5s + i * 1s}) == slewed);
  }
}

TEST_CASE("when nothing depends on it any more the machine's time is taken",
          "[broker][arrival_clock]") {
  auto clock = clock_at_noon();
  clock.at({kNoon + 2h, 6s});
  clock.follow();
  CHECK(clock.at({kNoon + 2h + 1s, 7s}) == kNoon + 2h + 1s);
}

TEST_CASE("the machine has a time", "[broker][arrival_clock]") {
  const auto reading = ArrivalClock::read();
  CHECK(reading.utc > kNoon);
  CHECK(reading.since_boot > 0s);
}
