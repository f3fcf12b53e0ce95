#include "store/migrate.hpp"

#include <array>
#include <fstream>
#include <sstream>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

namespace {

constexpr std::array kThreeVersions{
    Migration{1, "CREATE TABLE runs (id INTEGER PRIMARY KEY); INSERT INTO runs VALUES (41)"},
    Migration{2, "ALTER TABLE runs ADD COLUMN name TEXT NOT NULL DEFAULT 'none'"},
    Migration{3, "CREATE TABLE more (a); UPDATE runs SET id = id + 1"},
};
constexpr std::array kBroken{
    kThreeVersions[0],
    kThreeVersions[1],
    Migration{3, "CREATE TABLE more (a); DELETE FROM runs; INSERT INTO nowhere VALUES (1)"},
};

std::span<const Migration> up_to(std::size_t version) {
  return std::span{kThreeVersions}.first(version);
}

Database must_open(const std::filesystem::path& path) {
  auto database = Database::open(path, Access::read_write, std::chrono::milliseconds{20});
  REQUIRE(database.has_value());
  return std::move(*database);
}

void must_migrate(const std::filesystem::path& path, std::span<const Migration> migrations) {
  auto database = must_open(path);
  const auto migrated = migrate(database, migrations);
  INFO((migrated ? "" : migrated.error().detail));
  REQUIRE(migrated.has_value());
}

schema::Error refusal(const std::filesystem::path& path, std::span<const Migration> migrations) {
  auto database = must_open(path);
  auto migrated = migrate(database, migrations);
  REQUIRE_FALSE(migrated.has_value());
  return migrated.error();
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream{path, std::ios::binary}.rdbuf();
  return bytes.str();
}

}  // namespace

TEST_CASE("an empty file gets the newest version and weir's mark", "[store][migrate]") {
  const TempDir dir;
  write_file(dir / "a.db", "");
  must_migrate(dir / "a.db", migrations());
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("PRAGMA user_version") == std::to_string(migrations().back().version));
  CHECK(raw.row("PRAGMA application_id") == std::to_string(0x77656972));
  CHECK(raw.row("SELECT count(*) FROM runs") == "0");
  raw.check_integrity();
}

TEST_CASE("versions count up from 1 without gaps", "[store][migrate]") {
  int expected = 1;
  for (const Migration& migration : migrations()) CHECK(migration.version == expected++);
}

TEST_CASE("an older file is brought up to date and keeps its rows", "[store][migrate]") {
  const TempDir dir;
  must_migrate(dir / "a.db", up_to(1));
  must_migrate(dir / "a.db", up_to(3));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT id, name FROM runs") == "42|none");
  CHECK(raw.row("PRAGMA user_version") == "3");
  must_migrate(dir / "a.db", up_to(3));  // and that once only
  CHECK(raw.row("SELECT id, name FROM runs") == "42|none");
}

TEST_CASE("a failing migration leaves the file as it was", "[store][migrate]") {
  const TempDir dir;
  must_migrate(dir / "a.db", up_to(1));
  const auto error = refusal(dir / "a.db", kBroken);
  CHECK_THAT(error.detail, Catch::Contains("nowhere") && Catch::Contains("version 1") &&
                               Catch::Contains("version 3"));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT * FROM runs") == "41");
  CHECK(raw.row("PRAGMA user_version") == "1");
  CHECK(raw.row("SELECT count(*) FROM sqlite_schema WHERE name = 'more'") == "0");
  must_migrate(dir / "a.db", up_to(3));
}

TEST_CASE("a file of a newer weir is refused with both versions", "[store][migrate]") {
  const TempDir dir;
  must_migrate(dir / "a.db", up_to(3));
  const auto error = refusal(dir / "a.db", up_to(2));
  CHECK(error.code == ErrorCode::newer_schema);
  CHECK_THAT(error.detail, Catch::Contains("a.db has schema version 3") &&
                               Catch::Contains("up to version 2") &&
                               Catch::Contains("use a newer weir"));
}

TEST_CASE("files of other programs are refused and not touched", "[store][migrate]") {
  const TempDir dir;
  SECTION("text") {
    write_file(dir / "a.db", "time,label\n1,GET /\n");
    CHECK_THAT(refusal(dir / "a.db", migrations()).detail, Catch::Contains("not a SQLite"));
  }
  SECTION("long text") {
    write_file(dir / "a.db", std::string(100'000, 'x'));
    CHECK_THAT(refusal(dir / "a.db", migrations()).detail, Catch::Contains("not a SQLite"));
  }
  SECTION("a database without a mark") {
    RawDatabase{dir / "a.db"}.execute("CREATE TABLE bookmarks (url)");
    CHECK_THAT(refusal(dir / "a.db", migrations()).detail, Catch::Contains("another program"));
  }
  SECTION("an empty database with another mark") {
    RawDatabase{dir / "a.db"}.execute("PRAGMA application_id = 42");
    CHECK_THAT(refusal(dir / "a.db", migrations()).detail, Catch::Contains("another program"));
  }
  const auto before = read_file(dir / "a.db");
  CHECK(refusal(dir / "a.db", migrations()).code == ErrorCode::not_a_database);
  CHECK(read_file(dir / "a.db") == before);
}

TEST_CASE("readers are told what to do about a file they cannot read", "[store][migrate]") {
  const TempDir dir;
  auto database = must_open(dir / "a.db");
  const auto empty = check_version(database, up_to(2));
  REQUIRE_FALSE(empty.has_value());
  CHECK(empty.error().code == ErrorCode::not_a_database);
  CHECK_THAT(empty.error().detail, Catch::Contains("is empty"));

  must_migrate(dir / "a.db", up_to(2));
  CHECK(check_version(database, up_to(2)).has_value());
  CHECK(check_version(database, up_to(1)).error().code == ErrorCode::newer_schema);
  const auto older = check_version(database, up_to(3));
  REQUIRE_FALSE(older.has_value());
  CHECK(older.error().code == ErrorCode::invalid_setting);
  CHECK_THAT(older.error().detail, Catch::Contains("version 2") && Catch::Contains("weir serve"));
}
