#include <csignal>

#include <sys/resource.h>

#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store_test;
using schema::ErrorCode;

namespace {

// Stands for a full disk: no file of this process may grow beyond so many bytes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

std::string everything(const std::filesystem::path& db) {
  RawDatabase raw{db};
  raw.check_integrity();
  std::string text;
  for (const std::string& table : raw.rows("SELECT name FROM sqlite_schema WHERE type = 'table' "
                                           "AND name NOT LIKE 'sqlite_%' ORDER BY name")) {
    const std::string columns = table == "checkpoint" ? "position, next_run, time_us" : "*";
    for (const auto& row : raw.rows("SELECT " + columns + " FROM " + table)) text += row + "\n";
  }
  return text;
}

std::string written_without_trouble() {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  return everything(dir / "a.db");
}

}  // namespace

TEST_CASE("a batch that did not fit on the disk can be written again", "[store][write_failure]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  const auto batch = two_runs();
  const auto before = everything(dir / "a.db");
  {
    const FileSizeLimit full{32 * 1024};
    for (int attempt = 0; attempt < 3; ++attempt) {
      const auto refused = writer.write(batch);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().code == ErrorCode::io);
      CHECK_THAT(refused.error().detail, Catch::Contains("a.db"));
    }
  }
  CHECK(everything(dir / "a.db") == before);
  must_write(writer, batch);
  CHECK(everything(dir / "a.db") == written_without_trouble());
}

TEST_CASE("a batch that met a locked file can be written again", "[store][write_failure]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  const auto batch = two_runs();
  {
    RawDatabase other{dir / "a.db"};
    other.execute("BEGIN IMMEDIATE");
    const auto refused = writer.write(batch);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::locked);
    other.execute("ROLLBACK");
  }
  must_write(writer, batch);
  CHECK(everything(dir / "a.db") == written_without_trouble());
}

TEST_CASE("nothing of a failed batch is remembered", "[store][write_failure]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  RawDatabase raw{dir / "a.db"};
  raw.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'full'); END");
  REQUIRE_FALSE(writer.write(two_runs()).has_value());
  raw.execute("DROP TRIGGER full");
  schema::StoreBatch other;  // its run 1 and label 1 are not those of the batch before
  other.runs = {run_record(5)};
  other.labels = {label_record(5, 1, "GET /other")};
  other.counters = {{1, "of no run", 1}};
  must_write(writer, other);
  CHECK(writer.records_skipped() == 1);
  must_write(writer, two_runs());
  CHECK(raw.rows("SELECT DISTINCT l.label FROM hits h JOIN labels l ON l.id = h.label "
                 "WHERE l.run <> h.run")
            .empty());
  CHECK(raw.row("SELECT count(*) FROM hits WHERE label NOT IN (SELECT id FROM labels)") == "0");
  raw.check_integrity();
}
