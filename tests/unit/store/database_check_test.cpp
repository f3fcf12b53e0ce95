#include "store/database_check.hpp"

#include <fstream>

#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

DatabaseCheck check(const std::filesystem::path& path) {
  return check_database(path, [] {});
}

}  // namespace

TEST_CASE("a sound file is found sound, and what is in it", "[store][database_check]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  auto batch = two_runs();
  batch.checkpoint = {.position = 7, .next_run = 3, .stopped = true};
  must_write(writer, batch);
  const auto found = check(dir / "a.db");
  INFO(found.detail);
  CHECK(found.state == DatabaseState::sound);
  CHECK(found.runs == 2);
  CHECK(found.checkpoint.position == 7);
  CHECK(found.store_id == writer.stored_state()->store_id);
  CHECK(found.bytes_in_use > 0);
}

TEST_CASE("each kind of trouble has its state", "[store][database_check]") {
  const TempDir dir;
  CHECK(check(dir / "none.db").state == DatabaseState::missing);
  std::ofstream{dir / "empty.db"};
  CHECK(check(dir / "empty.db").state == DatabaseState::missing);
  CHECK(check(dir.path()).state == DatabaseState::unreachable);
  std::ofstream{dir / "text.db"} << std::string(10'000, 'x');
  CHECK(check(dir / "text.db").state == DatabaseState::not_a_database);
  RawDatabase{dir / "theirs.db"}.execute("CREATE TABLE theirs (a)");
  CHECK(check(dir / "theirs.db").state == DatabaseState::other_program);
  for (const auto& [version, state] :
       {std::pair{"1", DatabaseState::older}, std::pair{"99", DatabaseState::newer}}) {
    const auto path = dir / (std::string{version} + ".db");
    open_writer(path);
    RawDatabase{path}.execute(std::string{"PRAGMA user_version = "} + version);
    CHECK(check(path).state == state);
  }
}

TEST_CASE("rows that belong to no run are damage", "[store][database_check]") {
  const TempDir dir;
  {
    auto writer = open_writer(dir / "a.db");
    must_write(writer, two_runs());
  }
  RawDatabase{dir / "a.db"}.execute("DELETE FROM runs WHERE id = 1");
  const auto found = check(dir / "a.db");
  CHECK(found.state == DatabaseState::damaged);
  CHECK_THAT(found.detail, Catch::Contains("belong to no run"));
}

TEST_CASE("long reading is told about", "[store][database_check]") {
  const TempDir dir;
  {
    auto writer = open_writer(dir / "a.db");
    must_write(writer, two_runs());
  }
  RawDatabase{dir / "a.db"}.execute(
      "INSERT INTO events (run, time_us, kind) SELECT 1, value, 'x' "
      "FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n "
      "WHERE value < 100000) SELECT value FROM n)");
  int calls = 0;
  check_database(dir / "a.db", [&] { ++calls; });
  CHECK(calls > 0);
}
