#include "broker/gathering.hpp"

#include <catch2/catch.hpp>

namespace weir::broker {
namespace {

using namespace std::chrono_literals;

// What it says after a second with so many frames, taken every 100 us.
std::chrono::microseconds pause_at(std::size_t frames_per_s, std::size_t frames_waiting_max) {
  Gathering::Clock::time_point now{};
  Gathering gathering{frames_waiting_max, now};
  for (int i = 0; i < 10'000; ++i) {
    now += 100us;
    gathering.note(frames_per_s / 10'000, now);
  }
  return gathering.pause();
}

TEST_CASE("few frames are taken as they come", "[broker][gathering]") {
  CHECK(Gathering(200, Gathering::Clock::time_point{}).pause() == 0us);
  CHECK(pause_at(0, 200) == 0us);
  CHECK(pause_at(9'000, 200) == 0us);
}

TEST_CASE("the faster frames come, the shorter they are let come", "[broker][gathering]") {
  CHECK(pause_at(20'000, 200) == 1'000us);
  CHECK(pause_at(200'000, 200) == 250us);
  CHECK(pause_at(400'000, 200) == 125us);
  CHECK(pause_at(400'000, 1'000) == 625us);
}

TEST_CASE("at full speed no time is given away", "[broker][gathering]") {
  CHECK(pause_at(1'000'000, 200) == 0us);
}

TEST_CASE("a queue with room for a few frames is never let fill", "[broker][gathering]") {
  CHECK(pause_at(400'000, 3) == 0us);
}

TEST_CASE("when frames stop coming the next one is waited for", "[broker][gathering]") {
  Gathering::Clock::time_point now{};
  Gathering gathering{200, now};
  gathering.note(1'000, now += 10ms);
  CHECK(gathering.pause() > 0us);
  gathering.note(0, now += 5ms);
  CHECK(gathering.pause() > 0us);
  gathering.note(0, now += 5ms);
  CHECK(gathering.pause() == 0us);
}

}  // namespace
}  // namespace weir::broker
