#include "store/journal_repair.hpp"

#include "store/journal_format.hpp"
#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

namespace {

std::vector<std::string> names_in(const TempDir& dir) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{dir.path()}) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("what a kill leaves of a segment that was being made is removed",
          "[store][journal_repair]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 3);
    must(writer.finish());
  }
  const auto next = segment_path(dir.path(), 4);
  const std::string header = encode_segment_header({kJournalVersion, 4, kStoreId, "weir.db"});
  SECTION("unfinished") { overwrite(unfinished_path(next), header.substr(0, 100)); }
  SECTION("empty") { overwrite(next, ""); }
  SECTION("a part of a header") { overwrite(next, header.substr(0, 100)); }
  SECTION("reserved") { overwrite(next, std::string(1'024, '\0')); }
  SECTION("a header alone") { overwrite(next, header); }
  SECTION("a header and what was reserved") { overwrite(next, header + std::string(512, '\0')); }
  SECTION("a header and a torn record") { overwrite(next, header + "\xF7WJ1abc"); }
  SECTION("two of them") {
    overwrite(next, header);
    overwrite(segment_path(dir.path(), 5), "");
  }
  const Found found = read_back(dir);
  CHECK(found.positions == from_to(1, 3));
  CHECK(found.report.is_whole());
  CHECK(found.report.next_position == 4);
  must_settle(dir, found.report);
  CHECK(names_in(dir) == std::vector<std::string>{"journal-00000000000000000001.log"});
  auto writer = open_journal(journal_config(dir), 4);
  must_journal(writer, 4, 6);
  CHECK(read_back(dir).positions == from_to(1, 6));
}

TEST_CASE("what was read is synced before anything is written behind it",
          "[store][journal_repair]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_append(writer, sample(1));
    must(writer.write());  // and the process is killed: it is only in memory
  }
  const Found found = read_back(dir);
  CHECK(found.report.torn_bytes == 0);
  std::vector<off_t> synced;
  FileCalls calls;
  calls.fsync = [&](int file) {
    synced.push_back(::lseek(file, 0, SEEK_END));
    return 0;
  };
  must(truncate_torn(dir.path(), found.report, calls));
  REQUIRE(synced.size() == 2);
  CHECK(synced[0] == static_cast<off_t>(found.report.tail_bytes));
  calls.fsync = [](int) {
    errno = ENOSPC;
    return -1;
  };
  CHECK(truncate_torn(dir.path(), found.report, calls).error().code == ErrorCode::io);
}

TEST_CASE("a last segment of which nothing is readable makes room for another",
          "[store][journal_repair]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 3);
    must(writer.finish());
  }
  const auto next = segment_path(dir.path(), 4);
  overwrite(next, std::string(2'000, 'x'));
  const Found found = read_back(dir);
  CHECK(found.positions == from_to(1, 3));
  CHECK(found.report.damaged_segments == std::vector{next});
  must_settle(dir, found.report);
  CHECK(bytes_of(set_aside_path(next)) == std::string(2'000, 'x'));
  must(set_aside(dir.path(), found.report, unsynced_calls()));
  auto writer = open_journal(journal_config(dir), found.report.next_position);
  must_journal(writer, 4, 6);
  CHECK(read_back(dir).positions == from_to(1, 6));
}

TEST_CASE("damaged segments are kept under another name, and not missed",
          "[store][journal_repair]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 30);
  }
  const auto segments = segments_in(dir);
  const std::string damaged = bytes_of(segments[2]);
  flip_bit(segments[2], 8 * 560);
  const Found found = read_back(dir);
  REQUIRE(found.report.damaged_segments == std::vector{segments[2]});
  must_settle(dir, found.report);
  auto writer = open_journal(journal_config(dir), found.report.next_position);
  must_journal(writer, 31, 33);
  must(set_aside(dir.path(), found.report, unsynced_calls()));
  must(set_aside(dir.path(), found.report, unsynced_calls()));  // again is no harm
  const auto kept = bytes_of(segments[2].string() + ".damaged");
  CHECK(kept.size() == damaged.size());
  const Found again = read_back(dir);
  CHECK(again.report.is_whole());
  CHECK(again.report.next_position == 34);
  must(writer.remove_below(31));
  CHECK(segments_in(dir).size() == 1);
  CHECK(std::filesystem::exists(set_aside_path(segments[2])));
}

TEST_CASE("of segments set aside the sixteen latest are kept", "[store][journal_repair]") {
  const TempDir dir;
  JournalReport report;
  for (std::uint64_t first = 1; first <= 20; ++first) {
    overwrite(segment_path(dir.path(), first), "x");
    report.damaged_segments.push_back(segment_path(dir.path(), first));
  }
  must(set_aside(dir.path(), report, unsynced_calls()));
  const auto found = list_journal_folder(dir.path());
  must(found);
  CHECK(found->segments.empty());
  REQUIRE(found->set_aside.size() == kMaxSetAside);
  CHECK(found->set_aside.front().first_position == 5);
  CHECK(found->set_aside.back().first_position == 20);
}

TEST_CASE("a repair that fails says why and can be made again", "[store][journal_repair]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 3);
  }
  overwrite(segments_in(dir)[0], bytes_of(segments_in(dir)[0]) + "torn");
  overwrite(unfinished_path(segment_path(dir.path(), 4)), "x");
  for (int first = 0, failed = 1; failed != 0; ++first) {
    FailingCalls failing{first, 1, EIO};
    failing.syncs_fail = true;
    FileCalls calls = failing.calls();
    const auto report = read_back(dir).report;
    const auto repaired = truncate_torn(dir.path(), report, calls);
    CHECK(repaired.has_value() != failing.has_failed());
    failed = failing.has_failed() ? 1 : 0;
  }
  CHECK(read_back(dir).positions == from_to(1, 3));
  CHECK(names_in(dir).size() == 1);
}
