#include "broker/feed_json.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/run_messages.hpp"

namespace weir::broker {
namespace {

using aggregator::Run;
using aggregator::RunEventKind;
using test::kNoon;
using test::new_run;
using namespace std::chrono_literals;

TEST_CASE("the detail of an event holds what its kind has to say", "[broker][feed_json]") {
  Run run = new_run();
  run.end(schema::RunState::timed_out, kNoon + 1s);
  CHECK(event_detail_json(run, {kNoon, RunEventKind::started, {}, {}}).empty());
  CHECK(event_detail_json(run, {kNoon, RunEventKind::reopened, {}, {}}).empty());
  CHECK(event_detail_json(run, {kNoon, RunEventKind::worker_lost, "w1", {}}) ==
        R"({"worker_id":"w1"})");
  CHECK(event_detail_json(run, {kNoon, RunEventKind::finished, {}, {}}) ==
        R"({"state":"timed_out"})");
}

TEST_CASE("a run whose broker was away says from when to when", "[broker][feed_json]") {
  Run run = new_run();
  run.uncollected().events.clear();
  run.resume(kNoon + 90s);
  REQUIRE(run.uncollected().events.size() == 1);
  const auto& event = run.uncollected().events[0];
  CHECK(event_detail_json(run, event) ==
        R"({"from":"2026-11-21T12:00:00.000000Z","to":"2026-11-21T12:01:30.000000Z"})");
  CHECK(run_event_json(run, event, 4) ==
        R"({"type":"run","run_id":"nightly","number":1,"seq":4,)"
        R"("time":"2026-11-21T12:01:30.000000Z","event":"broker_away",)"
        R"("from":"2026-11-21T12:00:00.000000Z","to":"2026-11-21T12:01:30.000000Z"})");
}

}  // namespace
}  // namespace weir::broker
