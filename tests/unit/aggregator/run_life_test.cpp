#include <catch2/catch.hpp>

#include "aggregator/run.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::RunState;
using schema::StartTestRun;
using schema::StopTestRun;
using test::events_of;
using test::hit;
using test::kNoon;
using test::message;
using test::new_run;
using test::tick_until;
using namespace std::chrono_literals;

using Events = std::vector<std::pair<RunEventKind, std::string>>;

TEST_CASE("a run ends a grace after the last owed stopTestRun", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}), kNoon);
  run.apply(message(hit()), kNoon + 1s);
  tick_until(run, kNoon, kNoon + 50s);
  CHECK(run.state() == RunState::running);
  CHECK(run.owes_stops());
  run.apply(message(StopTestRun{}), kNoon + 50s);
  CHECK_FALSE(run.owes_stops());
  run.tick(kNoon + 54s + 999ms);
  CHECK(run.state() == RunState::running);
  CHECK_FALSE(run.ended_at());
  run.tick(kNoon + 55s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.ended_at() == kNoon + 50s);
  CHECK(run.closed_at() == kNoon + 55s);
  CHECK(events_of(run).back().first == RunEventKind::finished);
}

TEST_CASE("hits after the last stopTestRun do not keep a run open", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}), kNoon);
  run.apply(message(StopTestRun{}), kNoon);
  run.apply(message(hit(), "w2"), kNoon + 4s);
  run.tick(kNoon + 5s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.ended_at() == kNoon + 4s);
}

TEST_CASE("a run waits for every worker that started", "[aggregator][run][life]") {
  Run run = new_run();
  for (const char* worker : {"a", "b", "c"}) run.apply(message(StartTestRun{}, worker), kNoon);
  run.apply(message(hit(), "only hits"), kNoon);
  run.apply(message(StopTestRun{}, "a"), kNoon + 1s);
  run.apply(message(StopTestRun{}, "c"), kNoon + 2s);
  run.tick(kNoon + 30s);
  CHECK_FALSE(run.ended());
  run.apply(message(StopTestRun{}, "b"), kNoon + 31s);
  run.tick(kNoon + 36s);
  CHECK(run.state() == RunState::finished);
}

TEST_CASE("a worker of several processes owes as many stops as it sent starts",
          "[aggregator][run][life]") {
  Run run = new_run();
  for (int i = 0; i < 3; ++i) run.apply(message(StartTestRun{}), kNoon);
  run.apply(message(StopTestRun{}), kNoon + 1s);
  run.apply(message(StopTestRun{}), kNoon + 2s);
  run.tick(kNoon + 20s);
  CHECK_FALSE(run.ended());
  CHECK(run.owes_stops());
  run.apply(message(StopTestRun{}), kNoon + 21s);
  run.tick(kNoon + 26s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.workers().size() == 1);
}

TEST_CASE("a late starter within the grace still joins", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}, "a"), kNoon);
  run.apply(message(StopTestRun{}, "a"), kNoon + 1s);
  run.tick(kNoon + 5s);
  run.apply(message(StartTestRun{}, "b"), kNoon + 5s);
  run.tick(kNoon + 6s);
  run.tick(kNoon + 20s);
  CHECK_FALSE(run.ended());
  run.apply(message(StopTestRun{}, "b"), kNoon + 20s);
  run.tick(kNoon + 24s);
  CHECK_FALSE(run.ended());
  run.tick(kNoon + 25s);
  CHECK(run.state() == RunState::finished);
}

TEST_CASE("a second process of a worker within the grace still joins", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}), kNoon);
  run.apply(message(StopTestRun{}), kNoon + 1s);
  run.apply(message(StartTestRun{}), kNoon + 2s);
  run.tick(kNoon + 30s);
  CHECK_FALSE(run.ended());
  run.apply(message(StopTestRun{}), kNoon + 31s);
  run.tick(kNoon + 36s);
  CHECK(run.state() == RunState::finished);
}

TEST_CASE("a stop that overtakes its start settles it", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StopTestRun{}), kNoon);
  run.tick(kNoon + 30s);
  CHECK_FALSE(run.ended());
  run.apply(message(StartTestRun{}), kNoon + 31s);
  CHECK_FALSE(run.owes_stops());
  run.tick(kNoon + 35s);
  CHECK_FALSE(run.ended());
  run.tick(kNoon + 36s);
  CHECK(run.state() == RunState::finished);
}

TEST_CASE("more stops than starts owe nothing", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}), kNoon);
  for (int i = 0; i < 3; ++i) run.apply(message(StopTestRun{}), kNoon + 1s);
  CHECK_FALSE(run.owes_stops());
  run.tick(kNoon + 6s);
  CHECK(run.state() == RunState::finished);
}

TEST_CASE("stops alone do not end a run before it is idle", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StopTestRun{}), kNoon);
  run.tick(kNoon + 59s);
  CHECK_FALSE(run.ended());
  run.tick(kNoon + 60s);
  CHECK(run.state() == RunState::finished);
}

TEST_CASE("hits alone end as finished once idle", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon + 1s);
  run.apply(message(hit()), kNoon + 30s);
  run.tick(kNoon + 89s + 999ms);
  CHECK_FALSE(run.ended());
  run.tick(kNoon + 90s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.ended_at() == kNoon + 30s);
}

TEST_CASE("an idle run that owes a stop has timed out", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}, "a"), kNoon);
  run.apply(message(StartTestRun{}, "b"), kNoon);
  run.apply(message(StopTestRun{}, "a"), kNoon + 5s);
  tick_until(run, kNoon, kNoon + 64s);
  CHECK_FALSE(run.ended());
  run.tick(kNoon + 65s);
  CHECK(run.state() == RunState::timed_out);
  CHECK(run.ended_at() == kNoon + 5s);
  CHECK(summarize(run, kNoon + 70s).elapsed_s == 5.0);
}

TEST_CASE("what a run waits for can be set", "[aggregator][run][life]") {
  Run brief = new_run({}, {.end_grace = 100ms, .idle_timeout = 700ms});
  brief.apply(message(StartTestRun{}), kNoon);
  brief.tick(kNoon + 699ms);
  CHECK_FALSE(brief.ended());
  brief.apply(message(StopTestRun{}), kNoon + 699ms);
  brief.tick(kNoon + 798ms);
  CHECK_FALSE(brief.ended());
  brief.tick(kNoon + 799ms);
  CHECK(brief.state() == RunState::finished);
  Run idle = new_run({}, {.idle_timeout = 700ms});
  idle.tick(kNoon + 700ms);
  CHECK(idle.state() == RunState::finished);
}

TEST_CASE("a run that is ended from outside keeps its first end", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon + 3s);
  run.end(RunState::aborted_by_user, kNoon + 10s);
  run.end(RunState::finished, kNoon + 20s);
  run.tick(kNoon + 500s);
  CHECK(run.state() == RunState::aborted_by_user);
  CHECK(run.ended_at() == kNoon + 3s);
  CHECK(run.closed_at() == kNoon + 10s);
  CHECK(events_of(run) == Events{{RunEventKind::started, ""},
                                 {RunEventKind::worker_joined, "w1"},
                                 {RunEventKind::finished, ""}});
}

TEST_CASE("a clock that goes back ends nothing", "[aggregator][run][life]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}), kNoon);
  run.apply(message(StopTestRun{}), kNoon);
  run.tick(kNoon - 3600s);
  CHECK_FALSE(run.ended());
  CHECK(summarize(run, kNoon - 3600s).elapsed_s == 0);
  CHECK(run.workers().at("w1").lost == false);
  run.end(RunState::finished, kNoon - 3600s);
  CHECK(run.ended_at() >= run.started());
}

TEST_CASE("what a run is about comes from the first startTestRun that says it",
          "[aggregator][run][life]") {
  Run run = new_run({.text_bytes = 8, .tags_per_run = 2});
  run.apply(message(StartTestRun{
                .name = {}, .project = "shop", .scenario = {}, .tags = {}, .thresholds = {}}),
            kNoon);
  run.apply(message(StartTestRun{.name = "night\u20acly",
                                 .project = "other",
                                 .scenario = "soak",
                                 .tags = {{"a", "1"}, {"b", "2"}, {"c", "3"}},
                                 .thresholds = {}}),
            kNoon);
  run.apply(message(StartTestRun{.name = {},
                                 .project = {},
                                 .scenario = {},
                                 .tags = {{"b", "long \u20ac value"}, {"d", "4"}},
                                 .thresholds = {}}),
            kNoon);
  CHECK(run.about().name == "night\u20ac");
  CHECK(run.about().project == "shop");
  CHECK(run.about().scenario == "soak");
  REQUIRE(run.about().tags.size() == 2);
  CHECK(run.about().tags[0].key == "a");
  CHECK(run.about().tags[1].key == "b");
  CHECK(run.about().tags[1].value == "long \u20ac");
}

}  // namespace
}  // namespace weir::aggregator
