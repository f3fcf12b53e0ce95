#include <set>

#include <sys/stat.h>

#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;
using schema::Result;

namespace {

// Tries until it is done: a disk that is full for a while.
template <class Call>
bool done_at_last(const Call& call) {
  for (int i = 0; i < 10; ++i) {
    const Result<void> result = call();
    if (result) return true;
    INFO(result.error().detail);
    REQUIRE(result.error().code == ErrorCode::no_space);
  }
  return false;
}

}  // namespace

TEST_CASE("a disk that is full at any call loses nothing and repeats nothing",
          "[store][journal_faults]") {
  for (const int times : {1, 3}) {
    for (int first = 0, failed = 1; failed != 0; ++first) {
      CAPTURE(first, times);
      const TempDir dir;
      FailingCalls failing{first, times, first % 2 == 0 ? ENOSPC : EDQUOT};
      JournalConfig config = journal_config(dir);
      config.calls = failing.calls();
      auto writer = open_journal(config);
      for (std::uint64_t position = 1; position <= 40; ++position) {
        must_append(writer, sample(position));
        if (position % 3 != 0) continue;
        REQUIRE(done_at_last([&] { return writer.write(); }));
        REQUIRE(done_at_last([&] { return writer.sync(); }));
        REQUIRE(writer.durable() == position);
      }
      REQUIRE(done_at_last([&] { return writer.finish(); }));
      CHECK(writer.durable() == 40);
      CHECK_FALSE(writer.failure());
      const Found found = read_back(dir);
      CHECK(found.positions == from_to(1, 40));
      CHECK(found.as_written);
      CHECK(found.report.is_whole());
      CHECK(found.report.torn_bytes == 0);
      failed = failing.has_failed() ? 1 : 0;
    }
  }
}

TEST_CASE("an error of the disk at any call is final, and what was durable is there",
          "[store][journal_faults]") {
  std::set<std::string> errors;
  for (int first = 0, failed = 1; failed != 0; ++first) {
    CAPTURE(first);
    const TempDir dir;
    // Once: the disk would do it now, but the writer must not try.
    FailingCalls failing{first, 1, first % 3 == 0 ? ENOSPC : EIO};
    failing.syncs_fail = true;
    JournalConfig config = journal_config(dir);
    config.calls = failing.calls();
    auto writer = open_journal(config);
    Result<void> result;
    for (std::uint64_t position = 1; position <= 40 && !writer.failure(); ++position) {
      must_append(writer, sample(position));
      if (position % 3 != 0) continue;
      result = writer.write();
      if (result) result = writer.sync();
    }
    failed = failing.has_failed() ? 1 : 0;
    const std::uint64_t durable = writer.durable();
    if (writer.failure()) {
      errors.insert(writer.failure()->detail.substr(0, 12));
      CHECK(writer.failure()->code == ErrorCode::io);
      CHECK(writer.append(sample(1).record()).error().detail == writer.failure()->detail);
      CHECK(writer.write().error().detail == writer.failure()->detail);
      CHECK(writer.sync().error().detail == writer.failure()->detail);
      CHECK(writer.finish().error().detail == writer.failure()->detail);
      CHECK(writer.remove_below(40).error().detail == writer.failure()->detail);
      CHECK(writer.durable() == durable);
    }
    const Found found = read_back(dir);
    CHECK(found.report.is_whole());
    CHECK(found.as_written);
    CHECK(found.positions == from_to(1, found.positions.size()));
    CHECK(found.positions.size() >= durable);
  }
  CHECK(errors.count("cannot sync ") == 1);
  CHECK(errors.count("cannot write") == 1);
  CHECK(errors.count("cannot creat") == 1);
}

TEST_CASE("a failed sync is never tried again, whatever the error", "[store][journal_faults]") {
  for (const int code : {EIO, ENOSPC, EDQUOT, EINTR}) {
    CAPTURE(code);
    const TempDir dir;
    int syncs = 0;
    JournalConfig config = journal_config(dir);
    config.calls.fdatasync = [&](int) {
      ++syncs;
      errno = code;
      return -1;
    };
    auto writer = open_journal(config);
    must_append(writer, sample(1));
    must(writer.write());
    for (int i = 0; i < 3; ++i) CHECK(writer.sync().error().code == ErrorCode::io);
    CHECK(syncs == 1);
    CHECK(writer.durable() == 0);
  }
}

TEST_CASE("writes in small pieces, with a full disk between them, end up whole",
          "[store][journal_faults]") {
  for (const std::size_t piece : {1U, 7U, 40U}) {
    CAPTURE(piece);
    const TempDir dir;
    JournalConfig config = journal_config(dir);
    int calls = 0;
    config.calls.pwrite = [&](int file, const void* bytes, std::size_t size, off_t at) {
      ++calls;
      // A header that cannot be written is begun again.
      errno = calls % 3 == 0 && at >= 512 ? ENOSPC : EINTR;
      return calls % 3 != 1 ? ssize_t{-1} : ::pwrite(file, bytes, std::min(size, piece), at);
    };
    auto writer = open_journal(config);
    for (std::uint64_t position = 1; position <= 12; ++position) {
      must_append(writer, sample(position));
      // Synced in the middle of a record, too.
      static_cast<void>(writer.write());
      if (position % 4 != 0) {
        must(writer.sync());
        continue;
      }
      Result<void> result = writer.write();
      for (int i = 0; i < 5'000 && !result; ++i) result = writer.write();
      must(result);
    }
    const Found found = read_back(dir);
    CHECK(found.positions == from_to(1, 12));
    CHECK(found.as_written);
    CHECK(found.report.is_whole());
  }
}

TEST_CASE("no space for a new segment leaves no file of it", "[store][journal_faults]") {
  const TempDir dir;
  JournalConfig config = journal_config(dir);
  bool full = true;
  config.calls.allocate = [&](int file, off_t at, off_t size) {
    return full ? ENOSPC : ::posix_fallocate(file, at, size);
  };
  auto writer = open_journal(config);
  must_append(writer, sample(1));
  const auto refused = writer.write();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::no_space);
  CHECK_THAT(refused.error().detail, Catch::Contains("1024 bytes"));
  CHECK(std::filesystem::is_empty(dir.path()));
  full = false;
  must(writer.write());
  CHECK(read_back(dir).positions == from_to(1, 1));
}

TEST_CASE("a process out of descriptors begins and removes segments when some are free",
          "[store][journal_faults]") {
  const TempDir dir;
  JournalConfig config = journal_config(dir);
  int opened = 0;
  config.calls.open = [&](const char* path, int flags, mode_t mode) {
    errno = EMFILE;
    return ++opened % 3 == 0 ? -1 : ::open(path, flags, mode);  // NOLINT
  };
  auto writer = open_journal(config);
  for (std::uint64_t position = 1; position <= 40; ++position) {
    must_append(writer, sample(position));
    REQUIRE(done_at_last([&] { return writer.write(); }));
    REQUIRE(done_at_last([&] { return writer.sync(); }));
  }
  REQUIRE(done_at_last([&] { return writer.remove_below(20); }));
  CHECK_FALSE(writer.failure());
  REQUIRE(done_at_last([&] { return writer.finish(); }));
  CHECK(opened > 10);
  const Found found = read_back(dir);
  CHECK(found.positions.back() == 40);
  CHECK(found.report.is_whole());
}

TEST_CASE("a segment that cannot be removed now is removed later", "[store][journal_faults]") {
  const TempDir dir;
  JournalConfig config = journal_config(dir);
  bool refuse = true;
  config.calls.unlink = [&](const char* path) {
    errno = EACCES;
    return refuse ? -1 : ::unlink(path);
  };
  auto writer = open_journal(config);
  must_journal(writer, 1, 30);
  const std::size_t before = segments_in(dir).size();
  CHECK(writer.remove_below(31).error().code == ErrorCode::io);
  CHECK_FALSE(writer.failure());
  CHECK(segments_in(dir).size() == before);
  refuse = false;
  must(writer.remove_below(31));
  CHECK(segments_in(dir).size() == 1);
}

TEST_CASE("each thing is durable before the next one relies on it", "[store][journal_faults]") {
  const TempDir dir;
  std::string done;  // s: segment synced, f: folder synced, d: data synced, w: written, n: named
  JournalConfig config = journal_config(dir);
  config.calls.fsync = [&](int file) {
    struct stat status {};
    done += ::fstat(file, &status) == 0 && S_ISDIR(status.st_mode) ? 'f' : 's';
    return ::fsync(file);
  };
  config.calls.fdatasync = [&](int file) {
    done += 'd';
    return ::fdatasync(file);
  };
  config.calls.pwrite = [&](int file, const void* bytes, std::size_t size, off_t at) {
    done += 'w';
    return ::pwrite(file, bytes, size, at);
  };
  config.calls.rename = [&](const char* from, const char* to) {
    done += 'n';
    return ::rename(from, to);
  };
  auto writer = open_journal(config);
  must_append(writer, sample(1));
  must(writer.write());
  CHECK(done == "wsnfw");  // its header, its name, the record
  must(writer.sync());
  CHECK(done == "wsnfwdw");  // the record, then the marker
  done.clear();
  must_append(writer, sample(2));
  must_append(writer, sample(3, 700));
  must(writer.write());
  CHECK(done ==
        "wdw"
        "wsnfw");  // all of the old segment before there is a new one
  done.clear();
  must(writer.remove_below(3));
  CHECK(done == "f");
}
