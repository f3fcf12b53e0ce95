#include "store/run_reader.hpp"

#include <fstream>

#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;
using schema::StoreBatch;

namespace {

RunReader must_read(const std::filesystem::path& db) {
  auto reader = RunReader::open(db);
  INFO((reader ? "" : reader.error().detail));
  REQUIRE(reader.has_value());
  return std::move(*reader);
}

schema::DurationSummary summary_of(const schema::Sketch& sketch) {
  schema::DurationSummary summary;
  summary.count = sketch.count();
  summary.mean_us = sketch.mean();
  summary.sd_us = sketch.sd();
  summary.min_us = sketch.min();
  summary.max_us = sketch.max();
  summary.p50_us = sketch.value_at(500'000);
  summary.p90_us = sketch.value_at(900'000);
  summary.p95_us = sketch.value_at(950'000);
  summary.p99_us = sketch.value_at(990'000);
  summary.p999_us = sketch.value_at(999'000);
  return summary;
}

}  // namespace

TEST_CASE("a report has the header of its run", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  const StoreBatch batch = two_runs();
  must_write(writer, batch);
  RawDatabase{dir / "a.db"}.execute("UPDATE runs SET note = 'n', baseline = 1 WHERE id = 1");
  const auto report = must_read(dir / "a.db").report(1).value();
  const RunRow& row = report.row;
  const schema::RunRecord& run = batch.runs[0];
  CHECK(row.run == 1);
  CHECK(row.run_id == "nightly");
  CHECK(row.name == "checkout");
  CHECK(row.project == "shop");
  CHECK(row.scenario == "peak");
  CHECK(row.source == "loads");
  CHECK(row.state == schema::RunState::finished);
  CHECK(row.result == schema::RunResult::passed);
  CHECK(row.started == run.started);
  CHECK(row.ended == run.ended);
  CHECK(row.latest == *run.ended);
  CHECK(row.elapsed_s() == 20.0);
  CHECK(row.users_max == 30);
  CHECK(row.workers == 2);
  REQUIRE(row.tags.size() == 2);
  CHECK(row.tags[1].key == "note \"x\"");
  CHECK(row.tags[1].value == "ü");
  CHECK(row.note == "n");
  CHECK(row.baseline);
  CHECK(row.hits_not_kept == 5);
  CHECK(row.skewed == 1);
  CHECK(row.urls_distinct == 12);
  CHECK(row.broker_version == "1.2.3");
  CHECK(row.failed == 9);
  CHECK(row.response == summary_of(run.figures.elapsed));
  CHECK(row.bytes_sent == 100);
  CHECK(row.bytes_received == std::nullopt);
}

TEST_CASE("a report's summary equals what was put in", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  const StoreBatch batch = two_runs();
  must_write(writer, batch);
  const auto report = must_read(dir / "a.db").report(1).value();
  const schema::Summary& summary = report.summary;
  const schema::RunRecord& run = batch.runs[0];
  CHECK(summary.run_id == "nightly");
  CHECK(summary.seq == 0);
  CHECK(summary.time == *run.ended);
  CHECK(summary.state == schema::RunState::finished);
  CHECK(summary.final);
  CHECK(summary.elapsed_s == 20.0);
  CHECK(summary.workers_active == 0);
  CHECK(summary.workers_total == 2);
  CHECK(summary.users == 29);
  CHECK(summary.hits == schema::HitsSummary{190, 9, 181 / 190.0, 9.5, 100, std::nullopt});
  CHECK(summary.response == summary_of(run.figures.elapsed));
  CHECK(report.response == run.figures.elapsed);
  CHECK(summary.tests == schema::TestsSummary{21, 19, 16, 2, 1, 0.95});
  CHECK(summary.sockets == schema::SocketsSummary{4, 3, 1, 7, 63});
  CHECK(summary.counters == schema::NamedCounts{{"widgets-bought", 4}});
  CHECK(summary.status == schema::StatusCounts{{200, 181}, {500, 9}});
  CHECK(summary.method == schema::NamedCounts{{"GET", 127}, {"POST", 63}});
  CHECK(summary.labels_total == 3);
  CHECK(summary.urls_distinct == 12);
  CHECK(summary.errors_total == 2);
  CHECK(summary.missing == 3);
  CHECK(summary.duplicate == 2);
  CHECK(summary.late == 1);
  CHECK(summary.skewed == 1);
  CHECK_FALSE(summary.last.has_value());

  REQUIRE(summary.labels.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const schema::LabelRecord& label = batch.labels[i];  // already by count, descending
    const schema::LabelSummary expected{
        .label = label.text,
        .name = label.name,
        .method = label.method,
        .url = label.url,
        .count = label.figures.elapsed.count(),
        .failed = label.figures.failed,
        .per_s = static_cast<double>(label.figures.elapsed.count()) / 20,
        .bytes_sent = {},
        .bytes_received = {},
        .response = summary_of(label.figures.elapsed),
        .status = {{200, label.status[0].count}, {500, label.status[1].count}}};
    CHECK(summary.labels[i] == expected);
  }
  REQUIRE(summary.errors.size() == 2);
  CHECK(summary.errors[0] ==
        schema::ErrorSummary{"hit", "HTTP 500", "", "", 10, run.started, *run.ended});
  CHECK(summary.errors[1] == schema::ErrorSummary{"failure", "AssertionError", "1 != 2",
                                                  "Traceback …\n  line 1", 2, run.started,
                                                  *run.ended});
}

TEST_CASE("a report lists workers, tests, events and rejects", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  const StoreBatch batch = two_runs();
  must_write(writer, batch);
  const auto report = must_read(dir / "a.db").report(2).value();
  REQUIRE(report.workers.size() == 2);
  const schema::WorkerRecord& worker = report.workers[1];
  CHECK(worker.run == 2);
  CHECK(worker.worker_id == "w2");
  CHECK(worker.first == at_s(200));
  CHECK(worker.last == at_s(220));
  CHECK(worker.messages == 120);
  CHECK(worker.late == 1);
  REQUIRE(report.tests.size() == 2);
  CHECK(report.tests[0].test == "test_buy");
  CHECK(report.tests[0].success == 16);
  CHECK(report.tests[0].durations == batch.tests[0].durations);
  CHECK(report.tests[1].test == "test_idle");
  CHECK(report.tests[1].durations.count() == 0);
  REQUIRE(report.events.size() == 2);
  CHECK(report.events[0].kind == "started");
  CHECK(report.events[1].time == at_s(220));
  CHECK(report.events[1].detail == "{\"state\":\"finished\"}");
  REQUIRE(report.rejects.size() == 1);
  CHECK(report.rejects[0].reason == "missing_field");
  CHECK(report.rejects[0].count == 2);
}

TEST_CASE("a run that goes on lasts until its latest message", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.runs = {run_record(1)};
  batch.runs[0].workers = 2;
  batch.runs[0].figures = series_of({1'000, 2'000});
  batch.workers = {{1, "a", "", at_s(0), at_s(4), 1, 0, 0, 0},
                   {1, "b", "", at_s(0), at_s(3), 1, 0, 0, 0}};
  must_write(writer, batch);
  const auto summary = must_read(dir / "a.db").report(1).value().summary;
  CHECK_FALSE(summary.final);
  CHECK(summary.time == at_s(4));
  CHECK(summary.elapsed_s == 4.0);
  CHECK(summary.hits.per_s == 0.5);
  CHECK(summary.workers_active == 2);
  CHECK(summary.users == std::nullopt);
}

TEST_CASE("a run without hits reads as no data", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.runs = {run_record(1)};
  must_write(writer, batch);
  const auto report = must_read(dir / "a.db").report(1).value();
  CHECK(report.summary.hits == schema::HitsSummary{});
  CHECK(report.summary.response == schema::DurationSummary{});
  CHECK(report.summary.tests == schema::TestsSummary{});
  CHECK(report.summary.elapsed_s == 0.0);
  CHECK(report.response.count() == 0);
}

TEST_CASE("runs are listed newest first, filtered and in pages", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  for (std::int64_t run = 1; run <= 6; ++run) {
    batch.runs.push_back(run_record(run));
    batch.runs.back().project = run % 2 == 0 ? "even" : "odd";
    if (run <= 4) batch.runs.back().state = schema::RunState::finished;
  }
  must_write(writer, batch);
  auto reader = must_read(dir / "a.db");
  const auto numbers = [&](const RunFilter& filter) {
    std::vector<std::int64_t> found;
    const auto rows = reader.runs(filter).value();
    for (const RunRow& row : rows) found.push_back(row.run);
    return found;
  };
  using Numbers = std::vector<std::int64_t>;
  CHECK(numbers({}) == Numbers{6, 5, 4, 3, 2, 1});
  CHECK(numbers({.limit = 2}) == Numbers{6, 5});
  CHECK(numbers({.limit = 2, .before = 5}) == Numbers{4, 3});
  CHECK(numbers({.project = "even"}) == Numbers{6, 4, 2});
  CHECK(numbers({.states = {schema::RunState::running}}) == Numbers{6, 5});
  CHECK(numbers(
            {.before = 4, .states = {schema::RunState::finished}, .project = std::string{"odd"}}) ==
        Numbers{3, 1});
  CHECK(numbers({.project = "none"}).empty());
}

TEST_CASE("a run is found by run_id, else by number, else as the last", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  auto reader = must_read(dir / "a.db");
  const auto none = reader.find("last");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == ErrorCode::not_found);
  CHECK_THAT(none.error().detail, Catch::Contains("no runs yet"));

  StoreBatch batch;
  batch.runs = {run_record(1, "3"), run_record(2, "nightly"), run_record(3, "run-3")};
  must_write(writer, batch);
  CHECK(reader.find("nightly").value() == 2);
  CHECK(reader.find("2").value() == 2);
  CHECK(reader.find("3").value() == 1);  // a run_id before a number
  CHECK(reader.find("run-3").value() == 3);
  CHECK(reader.find("last").value() == 3);
  for (const char* unknown : {"", "4", "0", "-1", "2x", "0x2", "99999999999999999999", "LAST"}) {
    INFO(unknown);
    const auto missing = reader.find(unknown);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == ErrorCode::not_found);
  }
  batch.runs = {run_record(4, "last"), run_record(5)};
  must_write(writer, batch);
  CHECK(reader.find("last").value() == 4);
  CHECK(reader.report(99).error().code == ErrorCode::not_found);
}

TEST_CASE("a file that cannot be read is refused with a reason", "[store][run_reader]") {
  const TempDir dir;
  const auto refusal = [&](const std::string& name) {
    const auto reader = RunReader::open(dir / name);
    REQUIRE_FALSE(reader.has_value());
    CHECK_THAT(reader.error().detail, Catch::Contains(name));
    return reader.error();
  };
  CHECK(refusal("missing.db").code == ErrorCode::not_found);
  CHECK_THAT(refusal("missing.db").detail, Catch::Contains("--db"));
  CHECK_FALSE(std::filesystem::exists(dir / "missing.db"));
  std::ofstream{dir / "text.db"} << "label,time\n";
  CHECK(refusal("text.db").code == ErrorCode::not_a_database);
  std::ofstream{dir / "empty.db"};
  CHECK(refusal("empty.db").code == ErrorCode::not_a_database);
  RawDatabase{dir / "foreign.db"}.execute("CREATE TABLE runs (id)");
  CHECK(refusal("foreign.db").code == ErrorCode::not_a_database);
  RawDatabase{dir / "newer.db"}.execute(
      "PRAGMA application_id = 0x77656972; PRAGMA user_version = 9");
  CHECK(refusal("newer.db").code == ErrorCode::newer_schema);
}

TEST_CASE("a broken sketch is an error of that run alone", "[store][run_reader]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  RawDatabase{dir / "a.db"}.execute("UPDATE tests SET sketch = x'ff' WHERE run = 1");
  auto reader = must_read(dir / "a.db");
  CHECK(reader.report(1).error().code == ErrorCode::bad_type);
  CHECK(reader.report(2).has_value());
  CHECK(reader.runs().value().size() == 2);
}
