#pragma once

#include <array>

#include "tests/unit/store/store_fixture.hpp"

namespace weir::store_test {

inline constexpr int kRunSeconds = 20;
inline constexpr int kHitsPerSecond = 10;

// Adds a finished run of 20 s with something in every table that weir fills: 10 hits a second to
// three labels in turn, (10 ms + 1 ms a second) * (1 + hit number % 7) long, every 20th a 500, in
// run 2 twice as slow. Its second 13 has no hits.
inline void add_run(schema::StoreBatch& batch, std::int64_t run) {
  constexpr std::array kLabels{"GET http://h/a", "GET http://h/items/{id}", "POST http://h/login"};
  schema::RunRecord record = run_record(run, run == 1 ? "nightly" : "");
  record.name = "checkout";
  record.project = "shop";
  record.scenario = "peak";
  record.state = schema::RunState::finished;
  record.result = schema::RunResult::passed;
  record.started = at_s(100 * run);
  record.ended = record.started + schema::Elapsed{kRunSeconds * 1'000'000};
  record.users_max = 30;
  record.workers = 2;
  record.tags = {{"branch", "main"}, {"note \"x\"", "ü"}};
  record.skewed = 1;
  record.urls_distinct = 12;
  record.figures.bytes_sent = 100;

  std::array<schema::LabelRecord, 3> labels;
  std::array<std::array<schema::IntervalRecord, 2>, 3> windows;
  for (std::uint32_t l = 0; l < labels.size(); ++l) {
    labels[l] = label_record(run, l + 1, kLabels[l]);
    labels[l].method = l == 2 ? "POST" : "GET";
    labels[l].url = labels[l].text.substr(labels[l].method.size() + 1);
    labels[l].status = {{200, 0}, {500, 0}};
    for (int w = 0; w < 2; ++w) {
      auto& window = windows[l][static_cast<std::size_t>(w)];
      window.run = run;
      window.label = l + 1;
      window.start = record.started + schema::Elapsed{10'000'000 * w};
      window.length = schema::Elapsed{10'000'000};
    }
  }
  int number = 0;
  for (int s = 0; s < kRunSeconds; ++s) {
    schema::IntervalRecord second;
    second.run = run;
    second.start = record.started + schema::Elapsed{1'000'000 * s};
    second.length = schema::Elapsed{1'000'000};
    second.users = 10 + s;
    for (int h = 0; h < kHitsPerSecond && s != 13; ++h, ++number) {
      const auto l = static_cast<std::uint32_t>(number % 3);
      const std::int64_t elapsed = (10'000 + 1'000 * s) * (1 + number % 7) * run;
      const bool failed = number % 20 == 19;
      for (auto* series : {&record.figures, &labels[l].figures, &second.figures,
                           &windows[l][s < 10 ? 0 : 1].figures}) {
        series->elapsed.record(elapsed);
        series->failed += failed ? 1 : 0;
      }
      ++labels[l].status[failed ? 1 : 0].count;
      schema::HitRecord hit = hit_record(run, l + 1, elapsed, failed ? 500 : 200);
      hit.started = second.start;
      hit.dns = schema::Elapsed{100};
      hit.connect = schema::Elapsed{200 + number};
      hit.first_byte = schema::Elapsed{elapsed / 2};
      if (failed) hit.error = "500 Internal Server Error";
      batch.hits.push_back(hit);
    }
    batch.intervals.push_back(second);
  }
  for (const auto& pair : windows)
    batch.intervals.insert(batch.intervals.end(), pair.begin(), pair.end());
  batch.labels.insert(batch.labels.end(), labels.begin(), labels.end());

  record.methods = {{"GET", labels[0].figures.elapsed.count() + labels[1].figures.elapsed.count()},
                    {"POST", labels[2].figures.elapsed.count()}};
  const schema::Timestamp start = record.started;
  const schema::Timestamp end = *record.ended;
  batch.runs.push_back(std::move(record));
  batch.workers.push_back({run, "w1", "", start, end, 150, 0, 0, 0});
  batch.workers.push_back({run, "w2", "", start, end, 120, 3, 2, 1});
  batch.tests.push_back({run, "test_buy", 20, 19, 16, 2, 1, sketch_of({900'000, 950'000})});
  batch.tests.push_back({run, "test_idle", 1, 0, 0, 0, 0, {}});
  batch.counters.push_back({run, "widgets-bought", 4});
  batch.sockets.push_back({run, 4, 3, 7, 63});
  batch.errors.push_back({run, "failure", "AssertionError", "1 != 2", "Traceback …\n  line 1", 0,
                          "test_buy", 2, start, end});
  batch.errors.push_back({run, "hit", "HTTP 500", "", "", 2, "", 10, start, end});
  batch.hits_not_kept.push_back({run, 5});
  batch.rejects.push_back({run, "missing_field", 2});
  batch.reject_samples.push_back(
      {run, "missing_field", start, "url", "{\"data_type\":\"add_hit\"}"});
  batch.events.push_back({run, start, "started", ""});
  batch.events.push_back({run, end, "finished", "{\"state\":\"finished\"}"});
  batch.states.push_back({run, {"state of run " + std::to_string(run)}});
}

inline schema::StoreBatch two_runs() {
  schema::StoreBatch batch;
  add_run(batch, 1);
  add_run(batch, 2);
  batch.rejects.push_back({0, "not_json", 1});
  batch.reject_samples.push_back({0, "not_json", at_s(0), "at byte 0", "\xff\xfe"});
  batch.marks.push_back({"w1", 1'795'291'200'000'000, 12, at_s(20)});
  batch.checkpoint = {.position = 34, .next_run = 3, .anonymous_run = 2, .time = at_s(21)};
  return batch;
}

}  // namespace weir::store_test
