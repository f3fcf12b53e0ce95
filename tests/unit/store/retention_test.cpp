#include "store/retention.hpp"

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

constexpr std::int64_t kDay = 86'400;

// A run of some 400 KB that ended so many days after the first of all.
schema::StoreBatch run_of_day(std::int64_t run, std::int64_t day) {
  schema::StoreBatch batch;
  batch.runs.push_back(run_record(run));
  batch.runs.back().state = schema::RunState::finished;
  batch.runs.back().ended = at_s(day * kDay);
  for (int i = 0; i < 2'000; ++i) {
    batch.hits.push_back(hit_record(run, 0, 1'000));
    batch.hits.back().url = std::string(100, 'x');
  }
  return batch;
}

// Takes steps while there are any; returns what expired, as "run reason".
std::vector<std::string> expire(RunWriter& writer, schema::Timestamp now, bool& stuck) {
  std::vector<std::string> expired;
  for (int i = 0; i < 1'000; ++i) {
    const auto step = writer.take_retention_step(now);
    INFO((step ? "" : step.error().detail));
    REQUIRE(step.has_value());
    if (step->expired) {
      expired.push_back(std::to_string(step->expired->run) + " " + step->expired->reason);
    }
    stuck = step->stuck;
    if (!step->more) return expired;
  }
  FAIL("no end");
  return expired;
}

RunWriter open_with(const std::filesystem::path& db, int retention_days, std::size_t max_bytes) {
  StoreConfig config;
  config.db = db;
  config.retention_days = retention_days;
  config.max_bytes = max_bytes;
  auto writer = RunWriter::open(config, "1.2.3");
  REQUIRE(writer.has_value());
  return std::move(*writer);
}

}  // namespace

TEST_CASE("runs that ended before retention_days go, the oldest first", "[store][retention]") {
  const TempDir dir;
  auto writer = open_with(dir / "a.db", 10, 0);
  must_write(writer, run_of_day(1, 5));
  must_write(writer, run_of_day(2, 1));
  must_write(writer, run_of_day(3, 11));
  bool stuck = false;
  CHECK(expire(writer, at_s(11 * kDay - 1), stuck).empty());
  CHECK(expire(writer, at_s(16 * kDay), stuck) ==
        std::vector<std::string>{"2 retention_days", "1 retention_days"});
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT group_concat(id) FROM runs") == "3");
  CHECK(raw.rows("SELECT kind, json_extract(detail, '$.number', '$.reason') FROM events").back() ==
        R"(run_expired|[1,"retention_days"])");
  raw.check_integrity();
}

TEST_CASE("without settings nothing ever goes", "[store][retention]") {
  const TempDir dir;
  auto writer = open_with(dir / "a.db", 0, 0);
  must_write(writer, run_of_day(1, 0));
  bool stuck = false;
  CHECK(expire(writer, at_s(100'000 * kDay), stuck).empty());
  CHECK_FALSE(stuck);
}

TEST_CASE("over max_bytes runs go until the file holds less, but no baseline and no open run",
          "[store][retention]") {
  const TempDir dir;
  auto writer = open_with(dir / "a.db", 0, 1'500'000);
  for (std::int64_t run = 1; run <= 6; ++run) {
    auto batch = run_of_day(run, run);
    if (run == 2) batch.states.push_back({2, {"state"}});
    must_write(writer, batch);
    RawDatabase{dir / "a.db"}.execute("UPDATE runs SET baseline = 1 WHERE id = 1");
  }
  bool stuck = true;
  const auto expired = expire(writer, at_s(0), stuck);
  REQUIRE_FALSE(expired.empty());
  CHECK(expired.front() == "3 max_bytes");
  CHECK_FALSE(stuck);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT (page_count - freelist_count) * page_size <= 1500000 "
                "FROM pragma_page_count, pragma_freelist_count, pragma_page_size") == "1");
  CHECK(raw.row("SELECT count(*) FROM runs WHERE id IN (1, 2)") == "2");
  // As few as possible.
  CHECK(raw.row("SELECT count(*) FROM runs") == std::to_string(6 - expired.size()));
  CHECK(raw.row("SELECT count(*) FROM runs WHERE id = 6") == "1");
}

TEST_CASE("a file over max_bytes of which nothing may go says so", "[store][retention]") {
  const TempDir dir;
  auto writer = open_with(dir / "a.db", 0, 100'000);
  must_write(writer, run_of_day(1, 1));
  RawDatabase{dir / "a.db"}.execute("UPDATE runs SET baseline = 1");
  bool stuck = false;
  CHECK(expire(writer, at_s(0), stuck).empty());
  CHECK(stuck);
}

TEST_CASE("pages of deleted runs are used again", "[store][retention]") {
  const TempDir dir;
  auto writer = open_with(dir / "a.db", 1, 0);
  must_write(writer, run_of_day(1, 0));
  RawDatabase raw{dir / "a.db"};
  const auto pages = std::stoll(raw.row("PRAGMA page_count"));
  bool stuck = false;
  CHECK(expire(writer, at_s(2 * kDay), stuck).size() == 1);
  must_write(writer, run_of_day(2, 2));
  CHECK(std::stoll(raw.row("PRAGMA page_count")) < pages + pages / 10);
}
