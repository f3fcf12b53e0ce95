#include "aggregator/collect.hpp"

#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::StoreBatch;
using test::hit;
using test::kNoon;
using test::labelled;
using test::message;
using test::new_run;
using test::tick_until;
using test::timed;
using test::with_users;
using namespace std::chrono_literals;

StoreBatch collected(Run& run, bool all = false) {
  StoreBatch batch;
  collect(run, batch, all);
  return batch;
}

TEST_CASE("a run of every kind of message leaves a row of every kind", "[aggregator][collect]") {
  Run run = new_run();
  run.apply(with_users(message(schema::StartTestRun{.name = "Nightly",
                                                    .project = "shop",
                                                    .scenario = "soak",
                                                    .tags = {{"k", "v"}},
                                                    .thresholds = {}}),
                       4),
            kNoon);
  schema::AddHit broken = hit("http://h/a", 5'000, 500);
  broken.error = "boom";
  broken.bytes_sent = 10;
  run.apply(message(broken), kNoon + 1s);
  run.apply(message(schema::StartTest{"t"}), kNoon + 1s);
  run.apply(message(schema::StopTest{"t"}), kNoon + 2s);
  run.apply(message(schema::AddFailure{"t", {"E", "m", "tb"}}), kNoon + 2s);
  run.apply(message(schema::SocketOpen{}), kNoon + 2s);
  run.apply(message(schema::SocketMessage{9}), kNoon + 2s);
  run.apply(message(schema::Counter{"widgets", "t"}), kNoon + 2s);
  run.apply(test::numbered(message(hit("http://h/b")), 3), kNoon + 3s);
  run.end(schema::RunState::aborted_by_user, kNoon + 4s);
  const StoreBatch batch = collected(run);

  REQUIRE(batch.runs.size() == 1);
  const schema::RunRecord& row = batch.runs[0];
  CHECK(row.run == 1);
  CHECK(row.run_id == "nightly");
  CHECK(row.name == "Nightly");
  CHECK(row.project == "shop");
  CHECK(row.scenario == "soak");
  CHECK(row.source == "loads");
  CHECK(row.state == schema::RunState::aborted_by_user);
  CHECK_FALSE(row.result);
  CHECK(row.started == kNoon);
  CHECK(row.ended == kNoon + 3s);
  CHECK(row.users_max == 4);
  CHECK(row.workers == 1);
  CHECK(row.tags.at(0).value == "v");
  CHECK(row.figures.elapsed.count() == 2);
  CHECK(row.figures.failed == 1);
  CHECK(row.figures.bytes_sent == 10);
  CHECK(row.urls_distinct == 2);

  REQUIRE(batch.workers.size() == 1);
  CHECK(batch.workers[0].worker_id == "w1");
  CHECK(batch.workers[0].messages == 9);
  CHECK(batch.workers[0].missing == 2);
  CHECK(batch.workers[0].first == kNoon);
  CHECK(batch.workers[0].last == kNoon + 3s);

  REQUIRE(batch.labels.size() == 2);
  CHECK(batch.labels[0].label == 1);
  CHECK(batch.labels[0].text == "GET http://h/a");
  CHECK(batch.labels[0].figures.failed == 1);
  REQUIRE(batch.labels[0].status.size() == 1);
  CHECK(batch.labels[0].status[0].status == 500);
  CHECK(batch.labels[0].status[0].count == 1);

  REQUIRE(batch.tests.size() == 1);
  CHECK(batch.tests[0].test == "t");
  CHECK(batch.tests[0].durations.max() == 1'000'000);
  CHECK(batch.tests[0].failure == 1);
  REQUIRE(batch.counters.size() == 1);
  CHECK(batch.counters[0].name == "widgets");
  CHECK(batch.counters[0].count == 1);
  REQUIRE(batch.sockets.size() == 1);
  CHECK(batch.sockets[0].opened == 1);
  CHECK(batch.sockets[0].messages == 1);
  CHECK(batch.sockets[0].bytes_received == 9);
  REQUIRE(batch.errors.size() == 2);
  const auto& failure = batch.errors[batch.errors[0].kind == "failure" ? 0 : 1];
  const auto& of_hit = batch.errors[batch.errors[0].kind == "failure" ? 1 : 0];
  CHECK(failure.test == "t");
  CHECK(failure.traceback == "tb");
  CHECK(of_hit.class_name == "HTTP 500");
  CHECK(of_hit.label == 1);
  CHECK(batch.intervals.size() == 5);  // two seconds, the pause between them, two windows
}

TEST_CASE("what did not change is collected once", "[aggregator][collect]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  run.apply(message(schema::AddSuccess{"t"}), kNoon);
  run.apply(message(schema::AddError{"t", {"E", "m", {}}}), kNoon);
  run.apply(message(schema::SocketOpen{}), kNoon);
  run.apply(message(schema::Counter{"widgets", "t"}), kNoon);
  collected(run);
  StoreBatch again = collected(run);
  CHECK(again.runs.size() == 1);
  CHECK(again.workers.empty());
  CHECK(again.labels.empty());
  CHECK(again.tests.empty());
  CHECK(again.errors.empty());
  CHECK(again.sockets.empty());
  CHECK(again.counters.empty());
  CHECK(again.intervals.empty());
  run.apply(message(schema::AddSuccess{"t"}, "w2"), kNoon);
  again = collected(run);
  CHECK(again.workers.size() == 1);
  CHECK(again.tests.at(0).success == 2);
  CHECK(again.labels.empty());
}

TEST_CASE("seconds leave a run in order, with their users and the pauses between them",
          "[aggregator][collect]") {
  Run run = new_run();
  run.apply(with_users(message(hit()), 3), kNoon);
  run.tick(kNoon);
  run.apply(with_users(message(hit()), 5), kNoon + 1s);
  tick_until(run, kNoon + 1s, kNoon + 3s);
  run.apply(with_users(message(hit()), 2), kNoon + 4s);
  tick_until(run, kNoon + 4s, kNoon + 30s);
  const StoreBatch batch = collected(run);
  std::vector<std::pair<schema::Timestamp, std::uint64_t>> seconds;
  std::vector<std::optional<std::int64_t>> users;
  for (const schema::IntervalRecord& row : batch.intervals) {
    if (row.label != schema::kAllLabels) continue;
    CHECK(row.length == 1s);
    seconds.emplace_back(row.start, row.figures.elapsed.count());
    users.push_back(row.users);
  }
  CHECK(seconds ==
        std::vector<std::pair<schema::Timestamp, std::uint64_t>>{
            {kNoon, 1}, {kNoon + 1s, 1}, {kNoon + 2s, 0}, {kNoon + 3s, 0}, {kNoon + 4s, 1}});
  CHECK(users == std::vector<std::optional<std::int64_t>>{3, 5, 5, 5, 2});
}

TEST_CASE("every second has its users, however rare ticks are", "[aggregator][collect]") {
  Run run = new_run();
  run.apply(with_users(message(hit()), 3), kNoon);
  for (int second = 1; second <= 20; ++second) {
    run.apply(message(hit()), kNoon + std::chrono::seconds{second});
    if (second % 5 == 0) run.tick(kNoon + std::chrono::seconds{second});
  }
  run.end(schema::RunState::finished, kNoon + 20s);
  std::size_t seconds = 0;
  const StoreBatch batch = collected(run);
  for (const schema::IntervalRecord& row : batch.intervals) {
    if (row.label != schema::kAllLabels) continue;
    ++seconds;
    CHECK(row.users == 3);
  }
  CHECK(seconds == 21);
}

TEST_CASE("hits are stored by method, also those of one label", "[aggregator][collect]") {
  Run run = new_run();
  for (const char* method : {"GET", "POST", "POST"}) {
    run.apply(message(test::labelled("checkout", method)), kNoon);
  }
  std::map<std::string, std::uint64_t> methods;
  const StoreBatch batch = collected(run);
  for (const auto& [method, count] : batch.runs.at(0).methods) methods[method] = count;
  CHECK(methods == std::map<std::string, std::uint64_t>{{"GET", 1}, {"POST", 2}});
}

TEST_CASE("collecting again gives every row that was given before", "[aggregator][collect]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  run.apply(message(schema::AddFailure{"t", {"E", "m", ""}}), kNoon);
  run.apply(message(schema::Counter{"c", "t"}), kNoon);
  run.apply(message(schema::SocketOpen{}), kNoon);
  const StoreBatch first = collected(run);
  REQUIRE(collected(run).labels.empty());
  collect_again(run);
  const StoreBatch again = collected(run);
  CHECK(again.workers.size() == first.workers.size());
  CHECK(again.labels.size() == first.labels.size());
  CHECK(again.tests.size() == first.tests.size());
  CHECK(again.counters.size() == first.counters.size());
  CHECK(again.errors.size() == first.errors.size());
  CHECK(again.sockets.size() == first.sockets.size());
  CHECK(again.errors.size() == 1);
}

TEST_CASE("a pause of more than two minutes is not filled", "[aggregator][collect]") {
  Run run = new_run({}, {.idle_timeout = 10h});
  run.apply(message(hit()), kNoon);
  run.apply(message(hit()), kNoon + 121s);
  run.apply(message(hit()), kNoon + 243s);
  tick_until(run, kNoon + 243s, kNoon + 300s);
  std::size_t empty = 0, filled = 0;
  for (const schema::IntervalRecord& row : collected(run).intervals) {
    if (row.label != schema::kAllLabels) continue;
    (row.figures.elapsed.count() == 0 ? empty : filled) += 1;
  }
  CHECK(filled == 3);
  CHECK(empty == 120);
}

TEST_CASE("a late hit is an addition to its stored second and window", "[aggregator][collect]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon + 3s);
  tick_until(run, kNoon, kNoon + 40s);
  collected(run);
  for (const std::int64_t elapsed : {100, 200}) {
    run.apply(timed(message(hit("http://h/a", elapsed)), kNoon + 5s), kNoon + 40s);
  }
  const StoreBatch batch = collected(run);
  REQUIRE(batch.intervals.size() == 2);
  CHECK(batch.intervals[0].label == schema::kAllLabels);
  CHECK(batch.intervals[0].start == kNoon + 5s);
  CHECK(batch.intervals[0].figures.elapsed.sum() == 300);
  CHECK(batch.intervals[1].label == 1);
  CHECK(batch.intervals[1].start == kNoon);
  CHECK(batch.intervals[1].length == 10s);
  CHECK(batch.intervals[1].figures.elapsed.count() == 2);
  CHECK(batch.labels.at(0).figures.elapsed.count() == 3);
  CHECK(collected(run).intervals.empty());
}

TEST_CASE("a late hit of a new label brings the row of its label", "[aggregator][collect]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  run.end(schema::RunState::finished, kNoon + 40s);
  collected(run);
  run.apply(timed(message(hit("http://h/new")), kNoon + 5s), kNoon + 50s);
  const StoreBatch batch = collected(run);
  REQUIRE(batch.labels.size() == 1);
  CHECK(batch.labels[0].label == 2);
  REQUIRE(batch.intervals.size() == 2);
  CHECK(batch.intervals[1].label == 2);
}

TEST_CASE("windows of many labels are closed bit by bit", "[aggregator][collect]") {
  constexpr std::size_t kLabels = 2 * Run::kLabelsAtOnce + 1;
  Run run = new_run();
  for (std::size_t i = 0; i < kLabels; ++i) {
    run.apply(message(labelled("l" + std::to_string(i))), kNoon);
  }
  tick_until(run, kNoon, kNoon + 20s);
  const auto windows = [&run] {
    return std::ranges::count_if(run.uncollected().intervals,
                                 [](const auto& row) { return row.label != schema::kAllLabels; });
  };
  CHECK(windows() == 0);
  CHECK(run.close_some(Run::kLabelsAtOnce));
  CHECK(windows() == Run::kLabelsAtOnce);
  // A hit for a window that is over but not closed yet adds to its row.
  run.apply(timed(message(labelled("l" + std::to_string(kLabels - 1))), kNoon), kNoon + 20s);
  const StoreBatch batch = collected(run);
  std::map<std::uint32_t, std::uint64_t> hits;
  for (const schema::IntervalRecord& row : batch.intervals) {
    hits[row.label] += row.figures.elapsed.count();
  }
  CHECK(hits[1] == 1);
  CHECK(hits[kLabels] == 2);
  CHECK_FALSE(run.close_some(1));
}

TEST_CASE("collecting appends to what a batch already holds", "[aggregator][collect]") {
  Run one = new_run();
  Run two{2, "other", kNoon, {}};
  one.apply(message(hit()), kNoon);
  two.apply(message(hit()), kNoon);
  StoreBatch batch;
  collect(one, batch, true);
  collect(two, batch, true);
  REQUIRE(batch.runs.size() == 2);
  CHECK(batch.runs[1].run == 2);
  REQUIRE(batch.labels.size() == 2);
  CHECK(batch.labels[1].run == 2);
}

}  // namespace
}  // namespace weir::aggregator
