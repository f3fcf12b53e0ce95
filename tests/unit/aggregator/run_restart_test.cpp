// What becomes of a run when its broker dies or is stopped, and another takes it in.
#include <map>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "aggregator/collect.hpp"
#include "aggregator/run_bytes.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::RunState;
using schema::Timestamp;
using test::hit;
using test::kNoon;
using test::message;
using test::new_run;
using test::tick_until;
using test::timed;
using test::with_users;
using namespace std::chrono_literals;

constexpr Timestamp kBack = kNoon + 1h;  // when the broker is there again

Run after_crash(const Run& run) {
  auto again = load_run(save_run(run), {});
  REQUIRE(again);
  again->resume(kBack);
  return std::move(*again);
}

Run after_stop(Run& run, Timestamp stopped) {
  run.stop(stopped);
  auto again = load_run(save_run(run), {});
  REQUIRE(again);
  return std::move(*again);
}

bool has_event(Run& run, RunEventKind kind) {
  for (const auto& [known, worker] : test::events_of(run)) {
    if (known == kind) return true;
  }
  return false;
}

TEST_CASE("a run whose broker was away goes on when its workers speak again",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(schema::StartTestRun{}), kNoon);
  before.apply(message(hit()), kNoon + 1s);
  Run run = after_crash(before);
  tick_until(run, kBack, kBack + 59s);
  CHECK(run.state() == RunState::running);
  run.apply(message(hit()), kBack + 59s);
  CHECK(run.late() == 0);
  run.apply(message(schema::StopTestRun{}), kBack + 60s);
  tick_until(run, kBack + 60s, kBack + 65s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.ended_at() == kBack + 60s);
  CHECK(run.seconds().count() == 2);
}

TEST_CASE("a run of which nothing more comes after the broker was away is aborted by the system",
          "[aggregator][run_restart]") {
  Run hits_only = new_run(), owing = new_run();
  hits_only.apply(message(hit()), kNoon + 1s);
  owing.apply(message(schema::StartTestRun{}), kNoon + 1s);
  for (const Run* before : {&hits_only, &owing}) {
    Run run = after_crash(*before);
    tick_until(run, kBack, kBack + 59s);
    CHECK_FALSE(run.ended());
    run.tick(kBack + 60s);
    CHECK(run.state() == RunState::aborted_by_system);
    CHECK(run.ended_at() == kNoon + 1s);
    CHECK(run.closed_at() == kBack + 60s);
  }
}

TEST_CASE("a message after the broker was away brings back the usual end",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(schema::StartTestRun{}), kNoon);
  Run owing = after_crash(before);
  owing.apply(message(hit()), kBack + 1s);
  tick_until(owing, kBack + 1s, kBack + 61s);
  CHECK(owing.state() == RunState::timed_out);

  Run hits_only = after_crash(new_run());
  hits_only.apply(message(hit()), kBack + 1s);
  tick_until(hits_only, kBack + 1s, kBack + 61s);
  CHECK(hits_only.state() == RunState::finished);
}

TEST_CASE("a message between two absences does not count for the second",
          "[aggregator][run_restart]") {
  Run once = after_crash(new_run());
  once.apply(message(hit()), kBack + 1s);
  auto twice = load_run(save_run(once), {});
  REQUIRE(twice);
  twice->resume(kBack + 1h);
  tick_until(*twice, kBack + 1h, kBack + 1h + 60s);
  CHECK(twice->state() == RunState::aborted_by_system);
}

TEST_CASE("a run that is saved while the broker waits for its workers waits as long",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(hit()), kNoon);
  const Run waiting = after_crash(before);
  auto again = load_run(save_run(waiting), {});
  REQUIRE(again);
  tick_until(*again, kBack + 1s, kBack + 59s);
  CHECK_FALSE(again->ended());
  again->tick(kBack + 60s);
  CHECK(again->state() == RunState::aborted_by_system);
}

TEST_CASE("a run whose workers were all done ends as finished, its grace counted from the return",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(schema::StartTestRun{}), kNoon);
  before.apply(message(schema::StopTestRun{}), kNoon + 1s);
  Run run = after_crash(before);
  tick_until(run, kBack, kBack + 4s);
  CHECK_FALSE(run.ended());
  run.tick(kBack + 5s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.ended_at() == kNoon + 1s);
}

TEST_CASE("workers are lost only after a silence that the broker could hear",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(hit(), "w1"), kNoon);
  before.apply(message(hit(), "w2"), kNoon);
  Run run = after_crash(before);
  run.apply(message(hit(), "w1"), kBack + 1s);
  tick_until(run, kBack + 1s, kBack + 14s);
  CHECK_FALSE(has_event(run, RunEventKind::worker_lost));
  run.tick(kBack + 15s);
  CHECK(test::events_of(run).back() == std::pair{RunEventKind::worker_lost, std::string("w2")});
}

TEST_CASE("an open run records from when to when the broker was away",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(hit()), kNoon + 1s);
  tick_until(before, kNoon + 1s, kNoon + 8s);
  Run run = after_crash(before);
  const RunEvent& away = run.uncollected().events.back();
  CHECK(away.kind == RunEventKind::broker_away);
  CHECK(away.time == kBack);
  CHECK(away.away_from == kNoon + 8s);

  before.end(RunState::finished, kNoon + 9s);
  Run over = after_crash(before);
  CHECK_FALSE(has_event(over, RunEventKind::broker_away));
  CHECK(over.closed_at() == kNoon + 9s);
}

TEST_CASE("the first figures of the last second after the broker was away start anew",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(hit()), kNoon + 1s);
  const Run run = after_crash(before);
  const auto last = summarize(run, kBack + 1s).last;
  REQUIRE(last);
  CHECK(last->hits == 0);
  CHECK(last->seconds == 1.0);
  CHECK(run.changed());
}

TEST_CASE("a run that ended because the broker was stopped is reopened by its next message",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(with_users(message(schema::StartTestRun{}), 5), kNoon);
  before.apply(message(hit()), kNoon + 1s);
  Run run = after_stop(before, kNoon + 2s);
  CHECK(before.state() == RunState::aborted_by_system);
  CHECK(run.state() == RunState::aborted_by_system);
  CHECK(run.can_reopen());
  tick_until(run, kNoon + 20s, kNoon + 30s);
  CHECK(run.ended());
  run.apply(message(hit()), kNoon + 31s);
  CHECK(run.state() == RunState::running);
  CHECK_FALSE(run.ended_at());
  CHECK_FALSE(run.closed_at());
  CHECK(run.late() == 0);
  CHECK(run.users() == 5);
  CHECK(has_event(run, RunEventKind::reopened));
  CHECK_FALSE(run.can_reopen());
  tick_until(run, kNoon + 31s, kNoon + 45s);
  CHECK_FALSE(has_event(run, RunEventKind::worker_lost));
  run.apply(message(schema::StopTestRun{}), kNoon + 46s);
  tick_until(run, kNoon + 46s, kNoon + 51s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.ended_at() == kNoon + 46s);
  CHECK(run.seconds().count() == 2);
}

TEST_CASE("a run is not reopened in the life of the broker that ended it",
          "[aggregator][run_restart]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  run.stop(kNoon + 1s);
  CHECK_FALSE(run.can_reopen());
  run.apply(message(hit()), kNoon + 2s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.late() == 1);

  Run again = after_stop(run, kNoon + 3s);
  again.apply(message(hit()), kNoon + 10s);
  again.stop(kNoon + 11s);
  CHECK_FALSE(again.can_reopen());
}

TEST_CASE("a run that ended for another reason stays ended after a restart",
          "[aggregator][run_restart]") {
  Run before = new_run();
  before.apply(message(hit()), kNoon);
  before.tick(kNoon + 60s);
  REQUIRE(before.ended());
  Run run = after_stop(before, kNoon + 61s);
  CHECK_FALSE(run.can_reopen());
  run.apply(message(hit()), kNoon + 70s);
  CHECK(run.state() == RunState::finished);
  CHECK(run.late() == 1);
}

TEST_CASE("a run can be stopped and reopened again and again", "[aggregator][run_restart]") {
  Run run = new_run();
  Timestamp now = kNoon;
  for (int life = 0; life < 5; ++life) {
    run.apply(message(hit()), now);
    run = after_stop(run, now + 1s);
    run = after_stop(run, now + 2s);  // of one that nothing was heard of
    now += 20s;
  }
  CHECK(run.seconds().count() == 5);
  CHECK(run.late() == 0);
}

using Rows = std::map<std::pair<std::uint32_t, Timestamp>, std::uint64_t>;

void add_intervals(Run& run, Rows& rows) {
  schema::StoreBatch batch;
  collect(run, batch, true);
  for (const auto& row : batch.intervals) {
    rows[{row.label, row.start}] += row.figures.elapsed.count();
  }
}

TEST_CASE("hits of a reopened run add to stored intervals or open new ones",
          "[aggregator][run_restart]") {
  Rows rows;
  Run before = new_run();
  before.apply(message(hit()), kNoon);
  before.apply(message(hit()), kNoon + 3s);
  before.stop(kNoon + 4s);
  add_intervals(before, rows);
  CHECK(rows == Rows{{{0, kNoon}, 1},
                     {{0, kNoon + 1s}, 0},
                     {{0, kNoon + 2s}, 0},
                     {{0, kNoon + 3s}, 1},
                     {{1, kNoon}, 2}});
  Run run = after_stop(before, kNoon + 4s);
  const auto count_at = [&](Timestamp at, std::string_view url) {
    run.apply(timed(message(hit(url)), at), kNoon + 8s);
  };
  count_at(kNoon + 3s, "http://h/a");    // adds to a stored second and window
  count_at(kNoon + 1s, "http://h/a");    // adds to a stored pause
  count_at(kNoon + 6s, "http://h/a");    // a new second of a stored window
  count_at(kNoon + 8s, "http://h/new");  // a new second and window
  tick_until(run, kNoon + 8s, kNoon + 30s);
  add_intervals(run, rows);
  CHECK(rows == Rows{{{0, kNoon}, 1},
                     {{0, kNoon + 1s}, 1},
                     {{0, kNoon + 2s}, 0},
                     {{0, kNoon + 3s}, 2},
                     {{0, kNoon + 4s}, 0},
                     {{0, kNoon + 5s}, 0},
                     {{0, kNoon + 6s}, 1},
                     {{0, kNoon + 7s}, 0},
                     {{0, kNoon + 8s}, 1},
                     {{1, kNoon}, 5},
                     {{2, kNoon}, 1}});
  CHECK(run.seconds().count() == 6);
}

}  // namespace
}  // namespace weir::aggregator
