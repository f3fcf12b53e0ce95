#include "store/run_writer.hpp"

#include <fstream>
#include <limits>

#include "store/run_reader.hpp"
#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store_test;
using schema::ErrorCode;
using schema::StoreBatch;

namespace {

StoreBatch batch_of_run(std::int64_t run, const std::string& run_id = {}) {
  StoreBatch batch;
  batch.runs.push_back(run_record(run, run_id));
  return batch;
}

}  // namespace

TEST_CASE("every figure of a run is in its column", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch = batch_of_run(7, "nightly");
  auto& run = batch.runs[0];
  run.name = "checkout";
  run.project = "shop";
  run.scenario = "peak";
  run.source = "k6";
  run.state = schema::RunState::timed_out;
  run.result = schema::RunResult::failed;
  run.ended = at_s(60);
  run.users_max = 40;
  run.workers = 3;
  run.tags = {{"b", "2"}, {"a", "\"1\""}, {"b", "3"}};
  run.skewed = 4;
  run.urls_distinct = 5;
  run.figures = series_of({1'000, 2'000, 3'000, 4'000}, 2);
  run.figures.bytes_sent = 0;
  must_write(writer, batch);

  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT id, run_id, name, project, scenario, source, state, result, started_us, "
                "ended_us, users_max, workers, tags, note, baseline, hits_not_kept, skewed, "
                "urls_distinct, broker_version FROM runs") ==
        "7|nightly|checkout|shop|peak|k6|timed_out|failed|1795291200000000|1795291260000000|40|3|"
        R"({"a":"\"1\"","b":"3"}||0|0|4|5|1.2.3)");
  // Of 1, 2, 3 and 4 ms: sd = sqrt(1.25) ms; percentiles are at most 0.1 % high above 2.048 ms.
  CHECK(raw.row("SELECT count, failed, sum_us, min_us, max_us, mean_us, round(sd_us, 6), p50_us, "
                "p90_us, p95_us, p99_us, p999_us, bytes_sent, bytes_received FROM runs") ==
        "4|2|10000|1000|4000|2500.0|1118.033989|2000|4000|4000|4000|4000|0|NULL");
  CHECK(raw.row("SELECT typeof(sketch) FROM runs") == "blob");
}

TEST_CASE("rows are replaced, and what belongs to people stays", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch = two_runs();
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  raw.execute("UPDATE runs SET note = 'slow disk', baseline = 1 WHERE id = 1");
  const auto labels = raw.rows("SELECT id, run, label FROM labels ORDER BY id");

  StoreBatch again;
  again.runs.push_back(run_record(1, "nightly"));
  again.workers.push_back({1, "w1", "eu", at_s(1), at_s(2), 9, 8, 7, 6});
  again.labels.push_back(label_record(1, 1, "GET http://h/a"));
  again.labels[0].status = {{404, 6}};
  again.tests.push_back({1, "test_buy", 1, 2, 3, 4, 5, {}});
  again.counters.push_back({1, "widgets-bought", 3});
  again.sockets.push_back({1, 9, 8, 7, 6});
  again.errors.push_back({1, "hit", "HTTP 500", "", "", 1, "", 11, at_s(1), at_s(2)});
  must_write(writer, again);

  CHECK(raw.row("SELECT name, state, result, count, mean_us, note, baseline, hits_not_kept "
                "FROM runs WHERE id = 1") == "|running|NULL|0|NULL|slow disk|1|5");
  CHECK(raw.row("SELECT region, first_us - 1795291200000000, messages, missing, duplicate, late "
                "FROM workers WHERE run = 1 AND worker_id = 'w1'") == "eu|1000000|9|8|7|6");
  CHECK(raw.rows("SELECT id, run, label FROM labels ORDER BY id") == labels);
  CHECK(raw.rows("SELECT status, s.count FROM status_counts s JOIN labels l ON l.id = s.label "
                 "WHERE s.run = 1 AND l.label = 'GET http://h/a'") ==
        std::vector<std::string>{"404|6"});
  CHECK(raw.row("SELECT started, finished, success, failure, error, count, failed, p50_us "
                "FROM tests WHERE run = 1 AND test = 'test_buy'") == "1|2|3|4|5|0|9|NULL");
  CHECK(raw.row("SELECT count FROM counters WHERE run = 1") == "3");
  CHECK(raw.row("SELECT * FROM sockets WHERE run = 1") == "1|9|8|7|6");
  CHECK(raw.row("SELECT l.label, e.count FROM errors e JOIN labels l ON l.id = e.label "
                "WHERE e.run = 1 AND kind = 'hit'") == "GET http://h/a|11");
  CHECK(raw.row("SELECT count(*) FROM errors WHERE run = 1") == "2");
  CHECK(writer.records_skipped() == 0);
  raw.check_integrity();
}

TEST_CASE("rejects add up, samples and events add rows", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.rejects = {{0, "not_json", 2}, {7, "closed_run", 1}};
  batch.reject_samples = {{0, "not_json", at_s(1), "at byte 3", "{\"a\""},
                          {0, "not_json", at_s(2), "not UTF-8", std::string{"\xff\0", 2}}};
  batch.events = {{0, at_s(3), "broker_started", "{}"}};
  must_write(writer, batch);
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.rows("SELECT run, reason, count FROM rejects ORDER BY run") ==
        std::vector<std::string>{"0|not_json|4", "7|closed_run|2"});
  CHECK(raw.rows("SELECT detail, typeof(sample), hex(sample), count(*) FROM reject_samples "
                 "GROUP BY 1, 2, 3") ==
        std::vector<std::string>{"at byte 3|text|7B226122|2", "not UTF-8|blob|FF00|2"});
  CHECK(raw.row("SELECT count(*), min(kind), min(detail) FROM events") == "2|broker_started|{}");
}

TEST_CASE("a label keeps its id in a new writer that numbers labels differently",
          "[store][run_writer]") {
  const TempDir dir;
  StoreBatch first = batch_of_run(1);
  first.labels = {label_record(1, 1, "GET /a"), label_record(1, 2, "GET /b")};
  {
    auto writer = open_writer(dir / "a.db");
    must_write(writer, first);
  }
  auto writer = open_writer(dir / "a.db");
  StoreBatch second = batch_of_run(1);
  second.labels = {label_record(1, 1, "GET /b"), label_record(1, 2, "GET /c")};
  second.hits = {hit_record(1, 1, 100), hit_record(1, 2, 200)};
  must_write(writer, second);
  StoreBatch third;  // known from the batch before
  third.hits = {hit_record(1, 2, 300)};
  must_write(writer, third);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.rows("SELECT label FROM labels ORDER BY id") ==
        std::vector<std::string>{"GET /a", "GET /b", "GET /c"});
  CHECK(raw.rows("SELECT l.label, elapsed_us FROM hits h JOIN labels l ON l.id = h.label "
                 "ORDER BY h.id") ==
        std::vector<std::string>{"GET /b|100", "GET /c|200", "GET /c|300"});
}

TEST_CASE("a run_id that another run has gets the run's number", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, batch_of_run(1, "nightly"));
  must_write(writer, batch_of_run(2, "nightly"));
  must_write(writer, batch_of_run(2, "nightly"));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.rows("SELECT id, run_id FROM runs ORDER BY id") ==
        std::vector<std::string>{"1|nightly", "2|nightly~2"});
}

TEST_CASE("no name that a worker can choose keeps a run from being stored", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, batch_of_run(1, "x"));
  must_write(writer, batch_of_run(2, "x~3"));
  must_write(writer, batch_of_run(3, "x"));
  CHECK(RawDatabase{dir / "a.db"}.rows("SELECT id, run_id FROM runs") ==
        std::vector<std::string>{"1|x", "2|x~3", "3|x~3~3"});
}

TEST_CASE("records that belong nowhere are counted and do not stop the others",
          "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch = batch_of_run(1);
  batch.counters = {{9, "of no run", 1}, {1, "of a run", 1}};
  batch.hits = {hit_record(9, 1, 100), hit_record(1, 77, 200)};
  batch.intervals.resize(2);
  batch.intervals[0].run = batch.intervals[1].run = 1;
  batch.intervals[0].label = 77;  // no such label
  must_write(writer, batch);
  CHECK(writer.records_skipped() == 3);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT * FROM counters") == "1|of a run|1");
  CHECK(raw.row("SELECT run, label, elapsed_us FROM hits") == "1|0|200");
  CHECK(raw.row("SELECT run, label FROM intervals") == "1|0");
  raw.check_integrity();
}

TEST_CASE("a forgotten run can still be written to", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db", 1);
  StoreBatch batch = batch_of_run(1);
  batch.labels = {label_record(1, 1, "GET /a")};
  batch.hits = {hit_record(1, 1, 100)};
  must_write(writer, batch);
  writer.forget_run(1);
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT count(*) FROM labels") == "1");
  CHECK(raw.row("SELECT count(*) FROM hits") == "1");
  CHECK(raw.row("SELECT hits_not_kept FROM runs") == "1");
}

TEST_CASE("run numbers are never used again", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  CHECK(writer.last_run().value() == 0);
  must_write(writer, batch_of_run(4));
  must_write(writer, batch_of_run(2));
  CHECK(writer.last_run().value() == 4);
  RawDatabase{dir / "a.db"}.execute("DELETE FROM runs WHERE id = 4");
  CHECK(writer.last_run().value() == 4);
}

TEST_CASE("closed runs are the ended ones, newest first", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  for (std::int64_t run = 1; run <= 5; ++run) batch.runs.push_back(run_record(run));
  batch.runs[0].state = schema::RunState::finished;
  batch.runs[2].state = schema::RunState::aborted_by_limit;
  batch.runs[3].state = schema::RunState::archived;
  batch.runs[4].state = schema::RunState::initializing;
  must_write(writer, batch);
  CHECK(writer.closed_runs(10).value() ==
        std::vector<weir::schema::ClosedRun>{{4, "run-4"}, {3, "run-3"}, {1, "run-1"}});
  CHECK(writer.closed_runs(1).value() == std::vector<weir::schema::ClosedRun>{{4, "run-4"}});
}

TEST_CASE("runs that a dead broker left open end at their latest message", "[store][run_writer]") {
  const TempDir dir;
  {
    auto writer = open_writer(dir / "a.db");
    StoreBatch batch;
    for (std::int64_t run = 1; run <= 3; ++run) batch.runs.push_back(run_record(run));
    batch.runs[2].state = schema::RunState::finished;
    batch.runs[2].ended = at_s(5);
    batch.workers = {{1, "a", "", at_s(1), at_s(30), 1, 0, 0, 0},
                     {1, "b", "", at_s(1), at_s(20), 1, 0, 0, 0}};
    must_write(writer, batch);
  }
  auto writer = open_writer(dir / "a.db");
  CHECK(writer.close_interrupted(at_s(100)).value() == 2);
  CHECK(writer.close_interrupted(at_s(200)).value() == 0);
  RawDatabase raw{dir / "a.db"};
  CHECK(
      raw.rows("SELECT id, state, (ended_us - started_us) / 1000000 FROM runs") ==
      std::vector<std::string>{"1|aborted_by_system|30", "2|aborted_by_system|0", "3|finished|5"});
  CHECK(raw.rows("SELECT run, (time_us - 1795291200000000) / 1000000, kind, detail FROM events") ==
        std::vector<std::string>{R"(1|100|interrupted|{"state":"running"})",
                                 R"(2|100|interrupted|{"state":"running"})"});
}

TEST_CASE("what a broker needs to go on is kept as it was last written", "[store][stored_state]") {
  const TempDir dir;
  store::StoreId id{};
  {
    auto writer = open_writer(dir / "a.db");
    const auto fresh = writer.stored_state();
    REQUIRE(fresh.has_value());
    CHECK(fresh->checkpoint.position == 0);
    CHECK(fresh->states.empty());
    CHECK(fresh->marks.empty());
    id = fresh->store_id;
    CHECK(id != store::StoreId{});

    StoreBatch first = batch_of_run(1);
    first.runs.push_back(run_record(2));
    first.states = {
        {1, {"old", "", "er"}}, {2, {std::string("\0\xff", 2)}}, {9, {"of a run without a row"}}};
    first.marks = {{"a", 5, 1, at_s(1)}, {"b", 7, 3, at_s(1)}};
    first.checkpoint = {.position = 3, .next_run = 2, .anonymous_run = 0, .time = at_s(1)};
    must_write(writer, first);
    StoreBatch second;
    second.states = {{1, {"newer"}}};
    second.marks = {{"a", 6, 9, at_s(2)}};
    second.checkpoint = {
        .position = 8, .next_run = 4, .anonymous_run = 2, .time = at_s(2), .stopped = true};
    second.synced = true;
    must_write(writer, second);
  }
  auto writer = open_writer(dir / "a.db");
  auto stored = writer.stored_state();
  REQUIRE(stored.has_value());
  CHECK(stored->store_id == id);
  CHECK(stored->checkpoint == schema::Checkpoint{8, 4, 2, at_s(2), true});
  REQUIRE(stored->states.size() == 2);
  CHECK(stored->states[0].parts.at(0) == "newer");
  CHECK(stored->states[1].parts.at(0) == std::string("\0\xff", 2));
  CHECK(stored->marks ==
        std::vector<schema::MarkRecord>{{"a", 6, 9, at_s(2)}, {"b", 7, 3, at_s(1)}});

  StoreBatch last;
  last.states = {{1, {"last"}}};
  last.forgotten = {1};
  last.forgotten_senders = {"a", "b"};
  last.marks = {{"b", 8, 1, at_s(3)}};
  must_write(writer, last);
  CHECK(writer.stored_state()->marks == last.marks);
  REQUIRE(writer.drop_state(2).has_value());
  CHECK(writer.stored_state()->states.empty());
}

TEST_CASE("two stores never have the same id", "[store][stored_state]") {
  const TempDir dir;
  CHECK(open_writer(dir / "a.db").stored_state()->store_id !=
        open_writer(dir / "b.db").stored_state()->store_id);
}

TEST_CASE("a run that a dead broker left open stays open while there is a state to go on from",
          "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch = batch_of_run(1);
  batch.runs.push_back(run_record(2));
  batch.states = {{2, {"state"}}};
  must_write(writer, batch);
  CHECK(writer.close_interrupted(at_s(100)).value() == 1);
  CHECK(RawDatabase{dir / "a.db"}.rows("SELECT id, state FROM runs") ==
        std::vector<std::string>{"1|aborted_by_system", "2|running"});
}

TEST_CASE("one writer at a time", "[store][run_writer]") {
  const TempDir dir;
  const auto first = open_writer(dir / "a.db");
  store::StoreConfig config;
  config.db = dir / "a.db";
  const auto second = store::RunWriter::open(config, "1.2.3");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::locked);
}

TEST_CASE("a writer refuses files that are not weir's and folders that do not exist",
          "[store][run_writer]") {
  const TempDir dir;
  store::StoreConfig config;
  const auto refusal = [&] { return store::RunWriter::open(config, "1.2.3").error().code; };
  config.db = dir / "text.db";
  std::ofstream{config.db} << "no database at all";
  CHECK(refusal() == ErrorCode::not_a_database);
  CHECK_FALSE(std::filesystem::exists(dir / "text.db.lock"));
  config.db = dir / "newer.db";
  RawDatabase{config.db}.rows("PRAGMA application_id = 0x77656972; PRAGMA user_version = 99");
  CHECK(refusal() == ErrorCode::newer_schema);
  config.db = dir / "nowhere" / "a.db";
  CHECK(refusal() == ErrorCode::io);
  config.db = dir.path();
  CHECK(refusal() == ErrorCode::io);
  config.db = "";
  CHECK(refusal() == ErrorCode::invalid_setting);
}

TEST_CASE("a writer that closes leaves one complete file", "[store][run_writer]") {
  const TempDir dir;
  {
    auto writer = open_writer(dir / "a.db");
    must_write(writer, two_runs());
    CHECK(std::filesystem::exists(dir / "a.db-wal"));
    CHECK(writer.checkpoint().has_value());
  }
  CHECK_FALSE(std::filesystem::exists(dir / "a.db-wal"));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT count(*) FROM runs") == "2");
  CHECK(raw.row("PRAGMA journal_mode") == "wal");
  raw.check_integrity();
}

TEST_CASE("sums and counts beyond SQLite's integers stop at the largest", "[store][run_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch = batch_of_run(1);
  batch.runs[0].figures.elapsed.record(schema::Sketch::kMaxValue, 1'000'000'000);
  batch.counters = {{1, "c", std::numeric_limits<std::uint64_t>::max()}};
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT sum_us, count, mean_us FROM runs") ==
        "9223372036854775807|1000000000|86400000000.0");
  CHECK(raw.row("SELECT count FROM counters") == "9223372036854775807");
}
