// Whatever is sent, a limit costs detail and never a total.
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "aggregator/collect.hpp"
#include "aggregator/run.hpp"
#include "aggregator/summarize.hpp"
#include "schema/ids.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::LabelSummary;
using schema::Summary;
using test::hit;
using test::kNoon;
using test::message;
using test::new_run;
using test::tick_until;
using test::timed;
using namespace std::chrono_literals;

const LabelSummary& label(const Summary& summary, std::string_view text) {
  const auto found = std::ranges::find(summary.labels, text, &LabelSummary::label);
  REQUIRE(found != summary.labels.end());
  return *found;
}

TEST_CASE("three labels and all totals remain of a stream of many URLs",
          "[aggregator][run][limits]") {
  std::mt19937_64 random{21};
  Run run = new_run({.labels_per_run = 3});
  Series total, get_other, post_other;
  std::uint64_t post_500 = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::string path(1 + random() % 40, static_cast<char>('a' + random() % 3));
    const std::string url =
        i < 3 ? std::string("http://h/first") + static_cast<char>('a' + i) : "http://h/" + path;
    schema::AddHit made = hit(url, static_cast<std::int64_t>(random() % 100'000));
    made.method = i < 3 || random() % 2 == 0 ? "GET" : "POST";
    made.status = random() % 4 == 0 ? 500 : 200;
    made.bytes_received = 10;
    run.apply(message(made), kNoon);
    const Sample sample{made.elapsed.count(), made.status == 500, {}, 10};
    total.record(sample);
    if (i < 3) continue;
    (made.method == "GET" ? get_other : post_other).record(sample);
    post_500 += made.method == "POST" && made.status == 500 ? 1U : 0U;
  }
  const Summary summary = summarize(run, kNoon + 1s);
  CHECK(summary.labels_total == 5);
  CHECK(summary.hits.count == 3'000);
  CHECK(summary.hits.failed == total.failed);
  CHECK(summary.hits.bytes_received == 30'000);
  CHECK(summary.response == schema::summarize_durations(total.elapsed));
  CHECK(label(summary, "GET http://h/firsta").count == 1);
  const LabelSummary& get = label(summary, "GET (other)");
  CHECK(get.count == get_other.count());
  CHECK(get.response == schema::summarize_durations(get_other.elapsed));
  const LabelSummary& post = label(summary, "POST (other)");
  CHECK(post.count == post_other.count());
  CHECK(post.failed == post_other.failed);
  CHECK(post.method == "POST");
  CHECK(test::count_of(post.status, 500) == post_500);
  CHECK(test::total_of(summary.status) == 3'000);
}

TEST_CASE("beyond the limit of methods the rest is counted as (other)",
          "[aggregator][run][limits]") {
  Run run = new_run({.methods_per_run = 2});
  for (const char* method : {"GET", "PUT", "X1", "X2", "GET", ""}) {
    schema::AddHit made = hit();
    made.method = method;
    run.apply(message(made), kNoon);
  }
  const Summary summary = summarize(run, kNoon);
  CHECK(summary.method == schema::NamedCounts{{"(other)", 2}, {"GET", 2}, {"PUT", 1}});
  CHECK(label(summary, "(other) http://h/a").count == 2);
  CHECK(label(summary, "http://h/a").count == 1);
  CHECK(summary.hits.count == 6);
}

TEST_CASE("beyond the limit of counters the rest is counted as (other)",
          "[aggregator][run][limits]") {
  Run run = new_run({.counters_per_run = 2, .text_bytes = 4});
  for (const char* name : {"a", "b", "c", "d", "a", "b\u20ac\u20ac", "b\u20acxyz"}) {
    run.apply(message(schema::Counter{name, "t"}), kNoon);
  }
  CHECK(summarize(run, kNoon).counters == schema::NamedCounts{{"(other)", 4}, {"a", 2}, {"b", 1}});
}

TEST_CASE("beyond the limits of tests and errors the sums are exact", "[aggregator][run][limits]") {
  Run run = new_run({.tests_per_run = 3, .open_tests_per_run = 2, .errors_per_run = 3});
  for (int i = 0; i < 100; ++i) {
    const std::string test = "t" + std::to_string(i % 10);
    run.apply(message(schema::StartTest{test}), kNoon);
    run.apply(message(schema::AddError{test, {"E", test, {}}}), kNoon);
    run.apply(message(schema::AddFailure{test, {"E", test, {}}}), kNoon);
    run.apply(message(schema::AddSuccess{test}), kNoon);
    run.apply(message(schema::StopTest{test}), kNoon + 1s);
  }
  const Summary summary = summarize(run, kNoon + 10s);
  CHECK(summary.tests == schema::TestsSummary{100, 100, 100, 100, 100, 10.0});
  CHECK(run.tests().by_name().size() == 4);
  CHECK(summary.errors_total == 5);
  std::uint64_t errors = 0;
  for (const schema::ErrorSummary& error : summary.errors) errors += error.count;
  CHECK(errors == 200);
}

TEST_CASE("long texts of every message are cut and stay UTF-8", "[aggregator][run][limits]") {
  Run run = new_run({.text_bytes = 10, .traceback_bytes = 20});
  std::string text;
  for (int i = 0; i < 30; ++i) text += "\u20ac";
  const std::string_view all = text;
  run.apply(
      message(schema::StartTestRun{
          .name = all, .project = all, .scenario = all, .tags = {{all, all}}, .thresholds = {}}),
      kNoon);
  run.apply(message(schema::StartTest{all}), kNoon);
  run.apply(message(schema::AddError{all, {all, all, all}}), kNoon);
  run.apply(message(schema::Counter{all, all}), kNoon);
  schema::AddHit made = hit(all, 1, 500);
  made.method = all;
  made.error = all;
  run.apply(message(made), kNoon);
  made.label = all;
  run.apply(message(made), kNoon);
  schema::StoreBatch batch;
  collect(run, batch, true);
  std::vector<std::string> texts{batch.runs[0].name, batch.runs[0].project, batch.runs[0].scenario,
                                 batch.runs[0].tags.at(0).key, batch.runs[0].tags.at(0).value};
  for (const auto& row : batch.labels) {
    texts.insert(texts.end(), {row.text, row.name, row.method, row.url});
  }
  for (const auto& row : batch.tests) texts.push_back(row.test);
  for (const auto& row : batch.counters) texts.push_back(row.name);
  for (const auto& row : batch.errors) {
    texts.insert(texts.end(), {row.class_name, row.message, row.test});
    CHECK(row.traceback.size() <= 20);
    CHECK(schema::is_utf8(row.traceback));
  }
  for (const auto& [method, count] : run.methods()) texts.push_back(method);
  CHECK(texts.size() == 5 + 8 + 1 + 1 + 6 + 1);
  for (const std::string& cut : texts) {
    CHECK(cut.size() <= 10);
    CHECK(schema::is_utf8(cut));
  }
}

TEST_CASE("a run takes no more workers than its limit", "[aggregator][run][limits]") {
  Run run = new_run({.workers_per_run = 2});
  CHECK(run.has_room_for("a"));
  run.apply(message(hit(), "a"), kNoon);
  run.apply(message(hit(), "b"), kNoon);
  CHECK(run.has_room_for("a"));
  CHECK_FALSE(run.has_room_for("c"));
}

TEST_CASE("beyond the limit of gaps messages that fill the oldest are not applied",
          "[aggregator][run][limits]") {
  Run run = new_run({.sequence_gaps = 2});
  for (const std::uint64_t seq : {2U, 4U, 6U})
    run.apply(test::numbered(message(hit()), seq), kNoon);
  CHECK(run.apply(test::numbered(message(hit()), 1), kNoon).duplicate);
  CHECK_FALSE(run.apply(test::numbered(message(hit()), 3), kNoon).duplicate);
  const Summary summary = summarize(run, kNoon);
  CHECK(summary.hits.count == 4);
  CHECK(summary.missing == 2);
  CHECK(summary.duplicate == 1);
}

TEST_CASE("hits for windows long gone open none, neither of a known nor of a new label",
          "[aggregator][run][limits]") {
  Run run = new_run({.late_intervals_per_run = 10}, {.idle_timeout = 100h});
  run.apply(message(hit("http://h/a")), kNoon);
  for (int hour = 1; hour <= 10; ++hour) run.tick(kNoon + std::chrono::hours{hour});
  run.uncollected().intervals.clear();
  for (int i = 0; i < 3'000; ++i) {
    const schema::Timestamp old = kNoon + 9h - std::chrono::seconds{10 * i};
    for (const char* url : {"http://h/a", "http://h/new"}) {
      run.apply(timed(message(hit(url)), old), kNoon + 10h);
    }
  }
  CHECK(run.uncollected().late.size() == 10);
  CHECK(run.late_samples_not_placed() > 0);
  run.tick(kNoon + 10h + 1s);
  CHECK(run.uncollected().intervals.empty());
  CHECK(summarize(run, kNoon + 10h).hits.count == 6'001);
  CHECK(label(summarize(run, kNoon + 10h), "GET http://h/new").count == 3'000);
  // After the end the same holds for any time.
  run.end(schema::RunState::finished, kNoon + 10h + 2s);
  run.uncollected().intervals.clear();
  for (int i = 0; i < 600; ++i) {
    run.apply(message(hit("http://h/newer")), kNoon + 10h + std::chrono::seconds{i});
  }
  run.tick(kNoon + 11h);
  CHECK(run.uncollected().late.size() == 10);
  CHECK(run.uncollected().intervals.empty());
  CHECK(summarize(run, kNoon + 11h).hits.count == 6'601);
}

}  // namespace
}  // namespace weir::aggregator
