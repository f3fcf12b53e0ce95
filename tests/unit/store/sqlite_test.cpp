#include "store/sqlite.hpp"

#include <fstream>
#include <limits>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

namespace {

constexpr std::chrono::milliseconds kShortly{20};

Database must_open(const std::filesystem::path& path, Access access = Access::read_write) {
  auto database = Database::open(path, access, kShortly);
  REQUIRE(database.has_value());
  return std::move(*database);
}

// A user to whom permissions apply.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    if (user_ == 0) REQUIRE(::seteuid(kNobody) == 0);
  }
  ~WithoutPrivileges() {
    if (user_ == 0) static_cast<void>(::seteuid(user_) == 0);
  }

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t user_ = ::geteuid();
};

}  // namespace

TEST_CASE("values come back from a statement as they went in", "[store][sqlite]") {
  const TempDir dir;
  auto database = must_open(dir / "a.db");
  REQUIRE(database.execute("CREATE TABLE t (a, b, c, d, e, f, g)").has_value());
  auto insert = database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)");
  REQUIRE(insert.has_value());
  const std::string blob{"\0x\xff", 3};
  insert->add(std::numeric_limits<std::uint64_t>::max()).add(-7).add(1.5);
  insert->add("").add(std::optional<std::int64_t>{}).add_blob(blob).add(at_s(1));
  REQUIRE(insert->run().has_value());
  CHECK(insert->changes() == 1);

  auto query = database.prepare("SELECT a, b, c, d, e, f, g, typeof(d) FROM t");
  REQUIRE(query.has_value());
  REQUIRE(query->step().value());
  Columns columns{*query};
  CHECK(columns.integer() == std::numeric_limits<std::int64_t>::max());
  CHECK(columns.count() == 0);  // -7 is no count
  CHECK(columns.maybe_real() == 1.5);
  CHECK(columns.text().empty());
  CHECK(columns.maybe_integer() == std::nullopt);
  CHECK(columns.blob() == blob);
  CHECK(columns.time() == at_s(1));
  CHECK(columns.text() == "text");
  CHECK_FALSE(query->step().value());
}

TEST_CASE("a statement works again after an error", "[store][sqlite]") {
  const TempDir dir;
  auto database = must_open(dir / "a.db");
  REQUIRE(database.execute("CREATE TABLE t (a TEXT NOT NULL)").has_value());
  auto insert = database.prepare("INSERT INTO t VALUES (?)");
  REQUIRE(insert.has_value());

  const auto refused = insert->add(std::nullopt).run();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::bad_type);
  CHECK_THAT(refused.error().detail, Catch::Contains("a.db") && Catch::Contains("NOT NULL"));
  const auto too_many = insert->add("a").add("b").run();
  REQUIRE_FALSE(too_many.has_value());
  CHECK_THAT(too_many.error().detail, Catch::Contains("out of range"));
  CHECK(insert->add("a").run().has_value());
  CHECK(database.integer("SELECT count(*) FROM t").value() == 1);
}

TEST_CASE("a transaction that is not committed leaves nothing", "[store][sqlite]") {
  const TempDir dir;
  auto database = must_open(dir / "a.db");
  REQUIRE(database.execute("CREATE TABLE t (a)").has_value());
  {
    auto transaction = Transaction::begin(database, Transaction::Kind::write);
    REQUIRE(transaction.has_value());
    REQUIRE(database.execute("INSERT INTO t VALUES (1)").has_value());
  }
  CHECK(database.integer("SELECT count(*) FROM t").value() == 0);
  auto transaction = Transaction::begin(database, Transaction::Kind::write);
  REQUIRE(database.execute("INSERT INTO t VALUES (1)").has_value());
  REQUIRE(transaction->commit().has_value());
  CHECK(database.integer("SELECT count(*) FROM t").value() == 1);
}

TEST_CASE("a database that another connection writes is locked", "[store][sqlite]") {
  const TempDir dir;
  auto first = must_open(dir / "a.db");
  auto second = must_open(dir / "a.db");
  const auto transaction = Transaction::begin(first, Transaction::Kind::write);
  REQUIRE(transaction.has_value());
  const auto refused = Transaction::begin(second, Transaction::Kind::write);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::locked);
}

TEST_CASE("reading needs a file that exists, and any name of one will do", "[store][sqlite]") {
  const TempDir dir;
  const auto missing = Database::open(dir / "no.db", Access::read_only, kShortly);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK_FALSE(std::filesystem::exists(dir / "no.db"));

  const auto nameless = Database::open("", Access::read_write, kShortly);
  REQUIRE_FALSE(nameless.has_value());
  CHECK(nameless.error().code == ErrorCode::invalid_setting);

  const auto strange = dir / "50% a?b#c :memory:.db";
  REQUIRE(must_open(strange).execute("CREATE TABLE t (a)").has_value());
  CHECK(std::filesystem::exists(strange));
  CHECK(must_open(strange, Access::read_only).integer("SELECT count(*) FROM t").value() == 0);
}

TEST_CASE("a folder that must not be written can still be read", "[store][sqlite]") {
  const TempDir dir;
  const auto folder = dir / "100%";
  const auto path = folder / "a.db";
  std::filesystem::create_directory(folder);
  {
    auto database = must_open(path);
    REQUIRE(database
                .execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a); "
                         "INSERT INTO t VALUES (7)")
                .has_value());
  }
  REQUIRE_FALSE(std::filesystem::exists(path.string() + "-wal"));
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(folder.c_str(), 0555) == 0);
  {
    const WithoutPrivileges nobody;
    auto reader = Database::open(path, Access::read_only, kShortly);
    REQUIRE(reader.has_value());
    const auto value = reader->integer("SELECT a FROM t");
    INFO((value ? "" : value.error().detail));
    CHECK(value.value_or(0) == 7);

    auto writer = Database::open(path, Access::read_write, kShortly);
    const auto written = writer ? writer->execute("INSERT INTO t VALUES (8)")
                                : schema::Result<void>{tl::make_unexpected(writer.error())};
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().code == ErrorCode::io);
  }
  REQUIRE(::chmod(folder.c_str(), 0755) == 0);
}

TEST_CASE("a checkpoint empties the write-ahead log into the file", "[store][sqlite]") {
  const TempDir dir;
  auto database = must_open(dir / "a.db");
  REQUIRE(database.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a)").has_value());
  REQUIRE(database.execute("INSERT INTO t VALUES (zeroblob(100000))").has_value());
  const auto before = std::filesystem::file_size(dir / "a.db");
  REQUIRE(database.checkpoint().has_value());
  CHECK(std::filesystem::file_size(dir / "a.db") > before + 90'000);
}
