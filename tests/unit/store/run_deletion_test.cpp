#include "store/run_deletion.hpp"

#include "store/retention.hpp"
#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

namespace {

constexpr std::chrono::milliseconds kWait{1'000};

Database must_open(const std::filesystem::path& path) {
  auto database = open_to_delete(path, kWait);
  INFO((database ? "" : database.error().detail));
  REQUIRE(database.has_value());
  return std::move(*database);
}

RunDeletion must_begin(Database& database, std::int64_t run,
                       const RunDeletion::Allowance& allowance = {}) {
  auto deletion = RunDeletion::begin(database, run, DeletionReason::asked, allowance);
  INFO((deletion ? "" : deletion.error().detail));
  REQUIRE(deletion.has_value());
  return std::move(*deletion);
}

// How many rows went in each step.
std::vector<std::uint64_t> steps_of(RunDeletion deletion) {
  std::vector<std::uint64_t> rows;
  for (;;) {
    const auto step = deletion.step(at_s(900));
    INFO((step ? "" : step.error().detail));
    REQUIRE(step.has_value());
    rows.push_back(step->rows);
    if (step->done) return rows;
  }
}

std::string refusal(Database& database, std::int64_t run,
                    const RunDeletion::Allowance& allowance = {}) {
  const auto deletion = RunDeletion::begin(database, run, DeletionReason::asked, allowance);
  REQUIRE_FALSE(deletion.has_value());
  return deletion.error().detail;
}

schema::StoreBatch run_with_hits(std::int64_t run, std::size_t hits) {
  schema::StoreBatch batch;
  batch.runs.push_back(run_record(run));
  batch.runs.back().state = schema::RunState::finished;
  batch.runs.back().ended = at_s(run);
  batch.labels.push_back(label_record(run, 1, "GET http://h/x"));
  for (std::size_t i = 0; i < hits; ++i) batch.hits.push_back(hit_record(run, 1, 1'000));
  return batch;
}

}  // namespace

TEST_CASE("nothing of a deleted run is left in any table, and the others are as they were",
          "[store][run_deletion]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  RawDatabase raw{dir / "a.db"};
  std::vector<std::string> tables = raw.rows(
      "SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c "
      "WHERE m.type = 'table' AND c.name = 'run'");
  REQUIRE(tables.size() >= 15);
  std::vector<std::string> of_other;
  for (const std::string& table : tables) {
    of_other.push_back(raw.row("SELECT count(*) FROM " + table + " WHERE run = 2"));
  }
  auto database = must_open(dir / "a.db");
  steps_of(must_begin(database, 1, {.unforgotten = true}));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    INFO(tables[i]);
    CHECK(raw.row("SELECT count(*) FROM " + tables[i] + " WHERE run = 1") == "0");
    CHECK(raw.row("SELECT count(*) FROM " + tables[i] + " WHERE run = 2") == of_other[i]);
  }
  CHECK(raw.row("SELECT group_concat(id) FROM runs") == "2");
  raw.check_integrity();
}

TEST_CASE("a large run is deleted in bounded steps", "[store][run_deletion]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, run_with_hits(1, 2 * RunDeletion::kRowsPerStep + 10));
  auto database = must_open(dir / "a.db");
  // The last step takes the rest of the hits, the label and the run.
  CHECK(steps_of(must_begin(database, 1)) ==
        std::vector<std::uint64_t>{RunDeletion::kRowsPerStep, RunDeletion::kRowsPerStep, 12});
}

TEST_CASE("an event of run 0 says which run was deleted", "[store][run_deletion]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, run_with_hits(1, 3));
  auto database = must_open(dir / "a.db");
  steps_of(must_begin(database, 1));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT run, kind, detail FROM events") ==
        R"(0|run_deleted|{"number":1,"run_id":"run-1","hits":0,"reason":"asked"})");
}

TEST_CASE("a deletion that was cut short is gone on with", "[store][run_deletion]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, run_with_hits(1, 2 * RunDeletion::kRowsPerStep));
  {
    auto database = must_open(dir / "a.db");
    auto deletion = must_begin(database, 1);
    REQUIRE(deletion.step(at_s(900)).has_value());
  }
  // By the broker, whatever its settings say.
  for (int i = 0; i < 10; ++i) REQUIRE(writer.take_retention_step(at_s(901)).has_value());
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT count(*) FROM runs") == "0");
  CHECK(raw.row("SELECT count(*) FROM deletions") == "0");
  CHECK(raw.row("SELECT kind FROM events") == "run_deleted");
}

TEST_CASE("what a broker still knows, a baseline and what is not there are not deleted",
          "[store][run_deletion]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  auto batch = run_with_hits(1, 1);
  batch.states.push_back({1, {"state"}});
  must_write(writer, batch);
  must_write(writer, run_with_hits(2, 1));
  RawDatabase raw{dir / "a.db"};
  raw.execute("UPDATE runs SET baseline = 1 WHERE id = 2");
  auto database = must_open(dir / "a.db");
  CHECK_THAT(refusal(database, 1), Catch::Contains("late_grace_s"));
  CHECK_THAT(refusal(database, 2), Catch::Contains("--force"));
  CHECK(refusal(database, 3) == "there is no run 3");
  CHECK(raw.row("SELECT count(*) FROM deletions") == "0");
  steps_of(must_begin(database, 1, {.unforgotten = true}));
  steps_of(must_begin(database, 2, {.baseline = true}));
  CHECK(raw.row("SELECT count(*) FROM runs") == "0");
}
