#include "store/lock.hpp"

#include <csignal>
#include <optional>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

TEST_CASE("a second writer is told who has the database", "[store][lock]") {
  const TempDir dir;
  const auto first = StoreLock::acquire(dir / "a.db");
  REQUIRE(first.has_value());
  const auto second = StoreLock::acquire(dir / "a.db");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::locked);
  CHECK_THAT(second.error().detail, Catch::Contains((dir / "a.db").string()) &&
                                        Catch::Contains("pid " + std::to_string(::getpid())) &&
                                        Catch::Contains("a.db.lock"));
  CHECK(StoreLock::acquire(dir / "b.db").has_value());
}

TEST_CASE("a lock ends with its object, moved or not", "[store][lock]") {
  const TempDir dir;
  std::optional<StoreLock> kept;
  {
    auto lock = StoreLock::acquire(dir / "a.db");
    REQUIRE(lock.has_value());
    kept.emplace(std::move(*lock));
  }
  CHECK_FALSE(StoreLock::acquire(dir / "a.db").has_value());
  kept.reset();
  CHECK(StoreLock::acquire(dir / "a.db").has_value());
}

TEST_CASE("all names of a database have one lock", "[store][lock]") {
  const TempDir dir;
  std::filesystem::create_directory(dir / "real");
  std::filesystem::create_directory_symlink(dir / "real", dir / "other");
  { RawDatabase{dir / "real" / "a.db"}.execute("CREATE TABLE t (a)"); }
  std::filesystem::create_symlink(dir / "real" / "a.db", dir / "link.db");
  const auto first = StoreLock::acquire(dir / "real" / "a.db");
  REQUIRE(first.has_value());
  CHECK_FALSE(StoreLock::acquire(dir / "other" / "a.db").has_value());
  CHECK_FALSE(StoreLock::acquire(dir / "real" / ".." / "link.db").has_value());
}

TEST_CASE("a process that was killed leaves no lock behind", "[store][lock]") {
  const TempDir dir;
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = StoreLock::acquire(dir / "a.db");
    const char said = lock ? 'y' : 'n';
    if (::write(ready[1], &said, 1) == 1) ::pause();
    ::_exit(1);
  }
  char said = '?';
  REQUIRE(::read(ready[0], &said, 1) == 1);
  CHECK(said == 'y');
  const auto refused = StoreLock::acquire(dir / "a.db");
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().detail, Catch::Contains("pid " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(StoreLock::acquire(dir / "a.db").has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a lock that cannot be made says why", "[store][lock]") {
  const TempDir dir;
  const auto nowhere = StoreLock::acquire(dir / "no" / "such" / "a.db");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == ErrorCode::io);
  CHECK_THAT(nowhere.error().detail, Catch::Contains("No such file or directory"));
  CHECK(StoreLock::acquire("").error().code == ErrorCode::invalid_setting);
}
