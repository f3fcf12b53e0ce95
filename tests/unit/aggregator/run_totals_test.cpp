// What leaves a run to be stored adds up to what went in, whatever came late or out of order.
#include <catch2/catch.hpp>

#include "aggregator/collect.hpp"
#include "aggregator/run.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/hit_stream.hpp"

namespace weir::aggregator {
namespace {

using test::Expected;
using test::hit_stream;
using test::kNoon;
using test::message;
using test::new_run;
using test::StreamHit;
using test::tick_until;
using test::timed;
using test::Timeline;
using namespace std::chrono_literals;

// Adds up rows as the store does.
struct Rows {
  std::map<std::uint32_t, schema::LabelRecord> labels;
  std::map<std::pair<std::uint32_t, schema::Timestamp>, schema::IntervalRecord> intervals;
  schema::RunRecord run;

  void add(schema::StoreBatch batch) {
    for (schema::RunRecord& row : batch.runs) run = std::move(row);
    for (schema::LabelRecord& row : batch.labels) labels[row.label] = std::move(row);
    for (schema::IntervalRecord& row : batch.intervals) {
      // Its label must be known to the store by now.
      REQUIRE((row.label == schema::kAllLabels || labels.contains(row.label)));
      const auto [known, fresh] = intervals.try_emplace({row.label, row.start}, row);
      CHECK(row.length == (row.label == schema::kAllLabels ? 1s : 10s));
      if (fresh) continue;
      Series sum = series_of(known->second.figures);
      sum.merge(series_of(row.figures));
      known->second.figures = sum;
    }
  }

  static Series series_of(const schema::SeriesRecord& record) {
    return {record.elapsed, record.failed, record.bytes_sent, record.bytes_received};
  }
};

void collect_into(Run& run, Rows& rows, bool all = false) {
  schema::StoreBatch batch;
  collect(run, batch, all);
  rows.add(std::move(batch));
}

void check_rows(const Rows& rows, const Expected& expected) {
  CHECK(test::same(expected.total, rows.run.figures));
  CHECK(rows.run.skewed == expected.skewed);
  REQUIRE(rows.labels.size() == expected.labels.size());
  std::map<std::string, Series> windows;
  for (const auto& [number, label] : rows.labels) {
    CHECK(test::same(expected.labels.at(label.text), label.figures));
  }
  Series seconds;
  Timeline timeline = expected.intervals;
  for (const auto& [key, interval] : rows.intervals) {
    const std::string text = key.first == 0 ? std::string() : rows.labels.at(key.first).text;
    const Series got = Rows::series_of(interval.figures);
    (key.first == 0 ? seconds : windows[text]).merge(got);
    const auto place = timeline.find({text, key.second});
    if (place == timeline.end()) {
      CHECK(got.count() == 0);
      continue;
    }
    CHECK(test::same(place->second, interval.figures));
    timeline.erase(place);
  }
  CHECK(timeline.empty());
  CHECK(test::same(seconds, expected.total));
  for (const auto& [text, series] : expected.labels) {
    CHECK(test::same(windows[text], series));
  }
}

TEST_CASE("stored intervals add up to the totals byte for byte", "[aggregator][run][totals]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    Run run = new_run();
    Rows rows;
    Expected expected;
    schema::Timestamp next_tick = kNoon + 1s;
    for (const StreamHit& one : hit_stream(seed, 4'000, 150)) {
      while (one.arrival >= next_tick) {
        run.tick(next_tick);
        if (random() % 3 != 0) collect_into(run, rows);
        // Sometimes the broker was busy and a tick is late.
        next_tick += random() % 10 == 0 ? std::chrono::seconds{7} : std::chrono::seconds{1};
      }
      run.apply(one.message(), one.arrival);
      expected.add(one, kNoon);
    }
    const schema::Summary live = summarize(run, kNoon + 150s, {.labels_max = 999});
    CHECK(live.hits.count == expected.total.count());
    CHECK(live.hits.failed == expected.total.failed);
    CHECK(live.skewed == expected.skewed);
    CHECK(test::total_of(live.status) == expected.total.count());
    for (const schema::LabelSummary& label : live.labels) {
      CHECK(label.count == expected.labels.at(label.label).count());
      CHECK(label.response == schema::summarize_durations(expected.labels.at(label.label).elapsed));
      CHECK(test::total_of(label.status) == label.count);
    }

    run.end(schema::RunState::finished, kNoon + 151s);
    collect_into(run, rows, true);
    check_rows(rows, expected);

    // The same again for an ended run, old labels and one new.
    std::uint64_t late = 0;
    for (StreamHit one : hit_stream(seed + 100, 300, 150)) {
      one.arrival += 160s;
      if (++late % 50 == 0) {
        one.path = "/new";
        one.url = "http://h/new";
      }
      run.apply(one.message(), one.arrival);
      expected.add(one, kNoon);
      if (late % 20 != 0) continue;
      run.tick(one.arrival);
      collect_into(run, rows);
    }
    run.tick(kNoon + 400s);
    collect_into(run, rows);
    CHECK(run.late() == late);
    CHECK(run.late_samples_not_placed() == 0);
    CHECK(summarize(run, kNoon + 400s).hits.count == expected.total.count());
    check_rows(rows, expected);
  }
}

TEST_CASE("two runs with half of the stream each add up to one with all of it",
          "[aggregator][run][totals]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    std::vector<Run> runs;
    for (int i = 0; i < 3; ++i) runs.push_back(new_run());
    Rows halves, whole;
    std::size_t i = 0;
    schema::Timestamp next_tick = kNoon + 1s;
    for (const StreamHit& one : hit_stream(seed, 3'000, 100)) {
      for (; one.arrival >= next_tick; next_tick += 1s) {
        for (Run& run : runs) run.tick(next_tick);
      }
      runs[0].apply(one.message(), one.arrival);
      runs[1 + i++ % 2].apply(one.message(), one.arrival);
    }
    for (Run& run : runs) run.end(schema::RunState::finished, kNoon + 101s);
    collect_into(runs[0], whole, true);
    std::map<Timeline::key_type, Series> sum;
    Series total;
    for (std::size_t half = 1; half <= 2; ++half) {
      Rows rows;
      collect_into(runs[half], rows, true);
      total.merge(Rows::series_of(rows.run.figures));
      for (const auto& [key, interval] : rows.intervals) {
        const std::string text = key.first == 0 ? std::string() : rows.labels.at(key.first).text;
        sum[{text, key.second}].merge(Rows::series_of(interval.figures));
      }
    }
    CHECK(test::same(total, whole.run.figures));
    std::size_t filled = 0;
    for (const auto& [key, interval] : whole.intervals) {
      if (interval.figures.elapsed.count() == 0) continue;
      ++filled;
      const std::string text = key.first == 0 ? std::string() : whole.labels.at(key.first).text;
      CHECK(test::same(sum.at({text, key.second}), interval.figures));
    }
    CHECK(filled > 100);
    CHECK(total.count() == 3'000);
  }
}

TEST_CASE("beyond the limit of late intervals only totals count a hit, and it is said how many",
          "[aggregator][run][totals]") {
  Run run = new_run({.late_intervals_per_run = 3});
  Rows rows;
  run.apply(message(test::hit()), kNoon);
  tick_until(run, kNoon, kNoon + 40s);
  for (int second = 0; second < 4; ++second) {
    for (int i = 0; i < 2; ++i) {
      run.apply(timed(message(test::hit()), kNoon + std::chrono::seconds{second}), kNoon + 40s);
    }
  }
  // Three places were free: second 0, its window, second 1. Left out: seconds 2 and 3, twice each.
  CHECK(run.late_samples_not_placed() == 4);
  collect_into(run, rows, true);
  CHECK(rows.run.figures.elapsed.count() == 9);
  CHECK(rows.labels.at(1).figures.elapsed.count() == 9);
  CHECK(rows.intervals.at({0, kNoon}).figures.elapsed.count() == 3);
  CHECK(rows.intervals.at({0, kNoon + 1s}).figures.elapsed.count() == 2);
  CHECK(rows.intervals.at({1, kNoon}).figures.elapsed.count() == 9);
  run.apply(timed(message(test::hit()), kNoon + 3s), kNoon + 41s);
  CHECK(run.late_samples_not_placed() == 4);
}

}  // namespace
}  // namespace weir::aggregator
