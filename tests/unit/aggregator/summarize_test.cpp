#include "aggregator/summarize.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::Summary;
using test::hit;
using test::kNoon;
using test::labelled;
using test::message;
using test::new_run;
using test::timed;
using namespace std::chrono_literals;

TEST_CASE("a run with no hits summarises to zero counts and no quantiles",
          "[aggregator][summarize]") {
  const Run run = new_run();
  const Summary summary = summarize(run, kNoon + 2s);
  CHECK(summary.run_id == "nightly");
  CHECK(summary.time == kNoon + 2s);
  CHECK(summary.state == schema::RunState::running);
  CHECK_FALSE(summary.final);
  CHECK(summary.elapsed_s == 2.0);
  CHECK(summary.hits == schema::HitsSummary{0, 0, {}, 0.0, {}, {}});
  CHECK(summary.response == schema::DurationSummary{});
  CHECK(summary.tests == schema::TestsSummary{0, 0, 0, 0, 0, 0.0});
  CHECK(summary.sockets == schema::SocketsSummary{});
  CHECK_FALSE(summary.users);
  CHECK(summary.counters.empty());
  CHECK(summary.status.empty());
  CHECK(summary.method.empty());
  CHECK(summary.labels.empty());
  CHECK(summary.errors.empty());
  CHECK(summary.workers_total == 0);
}

TEST_CASE("after no time there is no rate", "[aggregator][summarize]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  const Summary summary = summarize(run, kNoon);
  CHECK(summary.elapsed_s == 0.0);
  CHECK(summary.hits.count == 1);
  CHECK_FALSE(summary.hits.per_s);
  CHECK_FALSE(summary.tests.per_s);
  CHECK_FALSE(summary.labels.at(0).per_s);
  CHECK(summary.last->seconds == 0.0);
  CHECK_FALSE(summary.last->per_s);
}

TEST_CASE("rates are counts over the time of the run", "[aggregator][summarize]") {
  Run run = new_run();
  for (int i = 0; i < 30; ++i) run.apply(message(labelled(i % 3 == 0 ? "a" : "b")), kNoon + 1s);
  for (int i = 0; i < 6; ++i) run.apply(message(schema::StopTest{"t"}), kNoon + 1s);
  const Summary live = summarize(run, kNoon + 12s);
  CHECK(live.hits.per_s == 2.5);
  CHECK(live.tests.per_s == 0.5);
  CHECK(live.labels.at(0).per_s == Approx(20.0 / 12));
  // Afterwards the time of the run is that to its last message.
  run.end(schema::RunState::finished, kNoon + 60s);
  const Summary last = summarize(run, kNoon + 90s);
  CHECK(last.elapsed_s == 1.0);
  CHECK(last.hits.per_s == 30.0);
  CHECK(last.tests.per_s == 6.0);
}

TEST_CASE("a run may last longer than a day", "[aggregator][summarize]") {
  Run run = new_run({}, {.idle_timeout = 100h});
  run.apply(message(hit()), kNoon);
  run.apply(message(hit()), kNoon + 50h);
  run.tick(kNoon + 50h);
  CHECK(summarize(run, kNoon + 50h).elapsed_s == 180'000.0);
  CHECK(summarize(run, kNoon + 50h).hits.per_s == Approx(2 / 180'000.0));
}

TEST_CASE("what arrived since the last summary is shown once", "[aggregator][summarize]") {
  Run run = new_run();
  run.apply(message(hit("http://h/a", 100)), kNoon);
  run.apply(message(hit("http://h/a", 300, 500)), kNoon);
  run.tick(kNoon + 2s);
  const Summary first = summarize(run, kNoon + 2s);
  REQUIRE(first.last);
  CHECK(first.last->seconds == 2.0);
  CHECK(first.last->hits == 2);
  CHECK(first.last->failed == 1);
  CHECK(first.last->per_s == 1.0);
  CHECK(first.last->response.max_us == 300);
  CHECK(run.changed());
  run.mark_summary(kNoon + 2s);
  CHECK_FALSE(run.changed());
  run.tick(kNoon + 3s);
  const Summary second = summarize(run, kNoon + 3s);
  CHECK(second.last == schema::LastSummary{1.0, 0, 0, 0.0, {}});
  CHECK(second.hits.count == 2);
  // A hit for an old second has arrived now all the same.
  run.apply(timed(message(hit("http://h/a", 700)), kNoon - 50s), kNoon + 4s);
  CHECK(summarize(run, kNoon + 4s).last->hits == 1);
  CHECK(summarize(run, kNoon + 4s).last->response.min_us == 700);
}

TEST_CASE("summarising changes nothing", "[aggregator][summarize]") {
  Run run = new_run();
  for (int i = 0; i < 100; ++i) run.apply(message(hit("http://h/a", i * 100)), kNoon);
  const Summary one = summarize(run, kNoon + 1s);
  const Summary two = summarize(run, kNoon + 1s);
  CHECK(one.hits == two.hits);
  CHECK(one.response == two.response);
  CHECK(one.labels == two.labels);
  CHECK(one.last == two.last);
  CHECK(one.errors == two.errors);
}

TEST_CASE("labels are shown by count, the first seen first among equals",
          "[aggregator][summarize]") {
  Run run = new_run();
  for (const char* label : {"a", "b", "c", "d"}) run.apply(message(labelled(label)), kNoon);
  run.apply(message(labelled("d")), kNoon);
  run.apply(message(labelled("c")), kNoon);
  run.apply(message(labelled("c")), kNoon);
  const auto names = [&](std::size_t most) {
    std::vector<std::string> shown;
    for (const auto& label : summarize(run, kNoon, {.labels_max = most}).labels) {
      shown.push_back(label.label);
    }
    return shown;
  };
  CHECK(names(99) == std::vector<std::string>{"c", "d", "a", "b"});
  CHECK(names(3) == std::vector<std::string>{"c", "d", "a"});
  CHECK(names(0).empty());
  CHECK(summarize(run, kNoon, {.labels_max = 1}).labels_total == 4);
}

TEST_CASE("by default 50 labels and 20 errors are shown and all are counted",
          "[aggregator][summarize]") {
  Run run = new_run();
  for (int i = 0; i < 60; ++i) {
    const std::string text = "n" + std::to_string(i);
    run.apply(message(labelled(text)), kNoon);
    run.apply(message(schema::AddError{"t", {"E", text, {}}}), kNoon);
  }
  const Summary summary = summarize(run, kNoon);
  CHECK(summary.labels.size() == 50);
  CHECK(summary.labels_total == 60);
  CHECK(summary.errors.size() == 20);
  CHECK(summary.errors_total == 60);
}

TEST_CASE("errors are shown by count, then by their first time", "[aggregator][summarize]") {
  Run run = new_run();
  const auto fail = [&](std::string_view text, schema::Timestamp at) {
    run.apply(message(schema::AddFailure{"t", {"E", text, "tb"}}), at);
  };
  fail("b", kNoon + 1s);
  fail("z", kNoon + 2s);
  fail("a", kNoon + 2s);
  fail("often", kNoon + 3s);
  fail("often", kNoon + 4s);
  run.apply(message(schema::AddError{"t", {"E", "a", "tb"}}), kNoon + 2s);
  std::vector<std::pair<std::string, std::string>> shown;
  for (const auto& error : summarize(run, kNoon).errors) {
    shown.emplace_back(error.kind, error.message);
  }
  using Shown = std::vector<std::pair<std::string, std::string>>;
  CHECK(shown == Shown{{"failure", "often"},
                       {"failure", "b"},
                       {"failure", "a"},
                       {"error", "a"},
                       {"failure", "z"}});
  const schema::ErrorSummary often = summarize(run, kNoon).errors.at(0);
  CHECK(often == schema::ErrorSummary{"failure", "E", "often", "tb", 2, kNoon + 3s, kNoon + 4s});
}

TEST_CASE("a late message updates the figures of a run and its summary stays final",
          "[aggregator][summarize]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon + 10s);
  run.end(schema::RunState::finished, kNoon + 20s);
  run.mark_summary(kNoon + 20s);
  const Summary before = summarize(run, kNoon + 21s);
  CHECK(before.final);
  CHECK(before.late == 0);
  run.apply(message(hit("http://h/a", 9'000, 500)), kNoon + 60s);
  run.apply(message(schema::AddSuccess{"t"}), kNoon + 60s);
  CHECK(run.changed());
  const Summary after = summarize(run, kNoon + 61s);
  CHECK(after.final);
  CHECK(after.state == schema::RunState::finished);
  CHECK(after.late == 2);
  CHECK(run.workers().at("w1").late == 2);
  CHECK(after.elapsed_s == before.elapsed_s);
  CHECK(after.hits.count == 2);
  CHECK(after.hits.failed == 1);
  CHECK(after.response.max_us == 9'000);
  CHECK(after.tests.success == 1);
}

TEST_CASE("figures of one value are that value", "[aggregator][summarize]") {
  schema::Sketch sketch;
  CHECK(schema::summarize_durations(sketch) == schema::DurationSummary{});
  sketch.record(1'234'567);
  CHECK(schema::summarize_durations(sketch) ==
        schema::DurationSummary{1, 1'234'567.0, 0.0, 1'234'567, 1'234'567, 1'234'567, 1'234'567,
                                1'234'567, 1'234'567, 1'234'567});
  sketch.forget_squares();
  CHECK_FALSE(schema::summarize_durations(sketch).sd_us);
}

}  // namespace
}  // namespace weir::aggregator
