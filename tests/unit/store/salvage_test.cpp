#include "store/salvage.hpp"

#include <fstream>

#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

std::vector<std::string> table_counts(const std::filesystem::path& path) {
  RawDatabase raw{path};
  std::vector<std::string> counts;
  for (const std::string& table :
       raw.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
    counts.push_back(table + " " + raw.row("SELECT count(*) FROM " + table));
  }
  return counts;
}

std::vector<SalvagedTable> must_make(const std::filesystem::path& path,
                                     const std::filesystem::path& damaged) {
  auto tables = make_from_readable(path, damaged);
  INFO((tables ? "" : tables.error().detail));
  REQUIRE(tables.has_value());
  return std::move(*tables);
}

}  // namespace

TEST_CASE("of a file that is whole everything is copied", "[store][salvage]") {
  const TempDir dir;
  {
    auto writer = open_writer(dir / "a.db");
    auto batch = two_runs();
    batch.checkpoint = {.position = 7, .next_run = 3};
    must_write(writer, batch);
  }
  for (const SalvagedTable& table : must_make(dir / "b.db", dir / "a.db")) {
    INFO(table.table);
    CHECK(table.stopped_by.empty());
  }
  CHECK(table_counts(dir / "a.db") == table_counts(dir / "b.db"));
  RawDatabase a{dir / "a.db"}, b{dir / "b.db"};
  for (const char* sql :
       {"SELECT * FROM run_summary", "SELECT * FROM label_summary",
        "SELECT *, hex(store_id) FROM checkpoint", "SELECT seq FROM sqlite_sequence"}) {
    CHECK(a.rows(sql) == b.rows(sql));
  }
  b.check_integrity();
}

TEST_CASE("rows of a run that is not there are left out", "[store][salvage]") {
  const TempDir dir;
  {
    auto writer = open_writer(dir / "a.db");
    must_write(writer, two_runs());
  }
  RawDatabase{dir / "a.db"}.execute("DELETE FROM runs WHERE id = 1");
  must_make(dir / "b.db", dir / "a.db");
  RawDatabase raw{dir / "b.db"};
  raw.check_integrity();
  CHECK(raw.row("SELECT group_concat(DISTINCT run) FROM labels") == "2");
}

TEST_CASE("of what is no database nothing is copied, and a new file is made", "[store][salvage]") {
  const TempDir dir;
  std::ofstream{dir / "a.db"} << std::string(10'000, 'x');
  CHECK(must_make(dir / "b.db", dir / "a.db").empty());
  CHECK(must_make(dir / "c.db", {}).empty());
  auto writer = open_writer(dir / "b.db");
  CHECK(writer.last_run().value() == 0);
}

TEST_CASE("a new file takes the journal's id, one with a checkpoint keeps its own",
          "[store][salvage]") {
  const TempDir dir;
  const StoreId id{1, 2, 3};
  auto writer = open_writer(dir / "a.db");
  CHECK(adopt_journal(dir / "a.db", id).value());
  CHECK(writer.stored_state()->store_id == id);
  schema::StoreBatch batch;
  batch.checkpoint = {.position = 7, .next_run = 3};
  must_write(writer, batch);
  CHECK_FALSE(adopt_journal(dir / "a.db", StoreId{9}).value());
  CHECK(writer.stored_state()->store_id == id);
}

TEST_CASE("a database is set aside with its write-ahead log", "[store][salvage]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  const auto aside = set_database_aside(dir / "a.db", "old");
  REQUIRE(aside.has_value());
  CHECK(*aside == dir / "a.db.old");
  CHECK_FALSE(std::filesystem::exists(dir / "a.db"));
  CHECK_FALSE(std::filesystem::exists(dir / "a.db-wal"));
  CHECK(RawDatabase{dir / "a.db.old"}.row("SELECT count(*) FROM runs") == "2");
}
