#include "store/journal_reader.hpp"

#include <random>

#include <sys/stat.h>

#include "store/journal_format.hpp"
#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

TEST_CASE("a journal cut at any byte has the records before the cut", "[store][journal_reader]") {
  for (const bool synced : {true, false}) {
    CAPTURE(synced);
    const TempDir dir;
    std::vector<std::uint64_t> ends{512};  // of each record
    {
      auto writer = open_journal(journal_config(dir, 4'096));
      for (std::uint64_t position = 1; position <= 9; ++position) {
        must_append(writer, sample(position));
        must(writer.write());
        ends.push_back(last_entry(bytes_of(segments_in(dir)[0])) + 40 +
                       sample(position).key.size() + sample(position).bytes.size());
        if (synced) must(writer.sync());
      }
    }
    const auto segment = segments_in(dir)[0];
    const std::string whole = bytes_of(segment);
    for (std::size_t size = 0; size <= ends.back() + 100; ++size) {
      CAPTURE(size);
      overwrite(segment, whole.substr(0, size));
      const auto end = std::upper_bound(ends.begin(), ends.end(), size);
      const auto records = static_cast<std::uint64_t>(std::max<long>(end - ends.begin() - 1, 0));
      const Found found = read_back(dir);
      CHECK(found.positions == from_to(1, records));
      CHECK(found.as_written);
      CHECK(found.report.next_position == records + 1);
      CHECK(found.report.is_whole());
      must_settle(dir, found.report);
      const Found again = read_back(dir);
      CHECK(again.positions == found.positions);
      CHECK(again.report.torn_bytes == 0);
      CHECK(again.report.next_position == records + 1);
      CHECK(segments_in(dir).size() == (records > 0 ? 1 : 0));
    }
  }
}

TEST_CASE("a record behind a torn one is never read, not even later", "[store][journal_reader]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir, 4'096));
    must_journal(writer, 1, 5);
    for (std::uint64_t position = 6; position <= 9; ++position) {
      must_append(writer, sample(position));
    }
    must(writer.write());  // and the power goes, before the sync
  }
  const auto segment = segments_in(dir)[0];
  std::string bytes = bytes_of(segment);
  bytes[bytes.find("key-7") + 1] = '\0';
  overwrite(segment, bytes);
  const Found found = read_back(dir);
  CHECK(found.positions == from_to(1, 6));
  CHECK(found.report.is_whole());
  CHECK(found.report.torn_records == 2);
  CHECK(found.report.torn_bytes > 200);
  CHECK(found.report.next_position == 7);

  must_settle(dir, found.report);
  auto writer = open_journal(journal_config(dir, 4'096), 7);
  must_append(writer, sample(7, 300));
  must(writer.finish());
  std::vector<std::size_t> sizes;
  must(read_journal(dir.path(), kStoreId, [&](const JournalRecord& record) -> schema::Result<void> {
    sizes.push_back(record.bytes.size());
    return {};
  }));
  REQUIRE(sizes.size() == 7);
  CHECK(sizes.back() == 300);
}

TEST_CASE("a later segment wins where positions overlap", "[store][journal_reader]") {
  const TempDir dir, copy;
  {
    auto writer = open_journal(journal_config(dir, 4'096));
    must_journal(writer, 1, 9);
    auto later = open_journal(journal_config(copy, 4'096), 7);
    must_journal(later, 7, 8, 1, 300);
  }
  std::filesystem::copy_file(segments_in(copy)[0], dir / segments_in(copy)[0].filename());
  std::vector<std::pair<std::uint64_t, bool>> found;
  const auto report =
      read_journal(dir.path(), kStoreId, [&](const JournalRecord& record) -> schema::Result<void> {
        found.emplace_back(record.position, record.bytes.size() == 300);
        return {};
      });
  must(report);
  REQUIRE(found.size() == 8);
  CHECK(found[5] == std::pair{std::uint64_t{6}, false});
  CHECK(found[6] == std::pair{std::uint64_t{7}, true});
  CHECK(found[7] == std::pair{std::uint64_t{8}, true});
  CHECK(report->damages_total == 1);
  CHECK(report->lost_records == 0);
}

TEST_CASE("a segment that is gone is missed by its positions", "[store][journal_reader]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 30);
  }
  const auto segments = list_segments(dir.path());
  must(segments);
  REQUIRE(segments->size() >= 4);
  const std::uint64_t first = segments->at(1).first_position;
  const std::uint64_t last = segments->at(2).first_position - 1;
  SECTION("in the middle") {
    std::filesystem::remove(segments->at(1).path);
    const Found found = read_back(dir);
    REQUIRE(found.report.missing.size() == 1);
    CHECK(found.report.missing[0].first == first);
    CHECK(found.report.missing[0].last == last);
    CHECK(found.report.lost_records == last - first + 1);
    CHECK(found.positions.size() + found.report.lost_records == 30);
    CHECK_FALSE(found.report.is_whole());
  }
  SECTION("one that was set aside is known") {
    std::filesystem::rename(segments->at(1).path, segments->at(1).path.string() + ".damaged");
    CHECK(read_back(dir).report.is_whole());
  }
  SECTION("the first ones were removed") {
    std::filesystem::remove(segments->at(0).path);
    std::filesystem::remove(segments->at(1).path);
    const Found found = read_back(dir);
    CHECK(found.report.is_whole());
    CHECK(found.positions == from_to(last + 1, 30));
    CHECK(found.report.first_position == last + 1);
  }
  SECTION("one that is cut short") {
    const std::string bytes = bytes_of(segments->at(1).path);
    overwrite(segments->at(1).path, bytes.substr(0, 512));
    const Found found = read_back(dir);
    REQUIRE(found.report.missing.size() == 1);
    CHECK(found.report.missing[0].first == first);
  }
  SECTION("one under another's name") {
    std::filesystem::rename(segments->at(1).path, dir / "journal-00000000000000000099.log");
    const Found found = read_back(dir);
    CHECK(found.positions.size() == 30 - (last - first + 1));
    CHECK_FALSE(found.report.is_whole());
  }
}

TEST_CASE("a segment without its header is read all the same", "[store][journal_reader]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 20);
  }
  for (const auto& segment : segments_in(dir)) {
    const std::string whole = bytes_of(segment);
    std::string damaged = whole;
    std::fill_n(damaged.begin(), 512, '\0');
    overwrite(segment, damaged);
    const Found found = read_back(dir);
    CHECK(found.positions == from_to(1, 20));
    REQUIRE(found.report.damages.size() == 1);
    CHECK(found.report.damages[0].segment == segment);
    CHECK(found.report.damages[0].offset == 0);
    CHECK_FALSE(found.report.damages[0].lost.has_value());
    overwrite(segment, whole);
  }
}

TEST_CASE("another store's segments are named and not read", "[store][journal_reader]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 10);
  }
  StoreId other = kStoreId;
  other[15] = 0;
  std::uint64_t visits = 0;
  const auto report = read_journal(dir.path(), other, [&](const JournalRecord&) {
    ++visits;
    return schema::Result<void>{};
  });
  must(report);
  CHECK(visits == 0);
  CHECK(report->next_position == 1);
  CHECK_FALSE(report->is_whole());
  REQUIRE(report->foreign.size() == segments_in(dir).size());
  CHECK(report->foreign[0].store_name == "weir.db");
  CHECK(report->foreign[0].segment == segments_in(dir)[0]);
  must_settle(dir, *report);
  CHECK(read_back(dir).positions == from_to(1, 10));
}

TEST_CASE("a newer weir's journal is refused", "[store][journal_reader]") {
  const TempDir dir;
  overwrite(segment_path(dir.path(), 1),
            encode_segment_header({kJournalVersion + 1, 1, kStoreId, "weir.db"}));
  const auto report = read_journal(dir.path(), kStoreId, {});
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == ErrorCode::newer_schema);
  CHECK_THAT(report.error().detail, Catch::Contains("version 2"));
}

TEST_CASE("no journal and no folder are an empty journal", "[store][journal_reader]") {
  const TempDir dir;
  CHECK(read_back(dir).report.next_position == 1);
  const auto nowhere = read_journal(dir / "none", kStoreId, {});
  must(nowhere);
  CHECK(nowhere->is_whole());
  CHECK(nowhere->next_position == 1);
}

TEST_CASE("an error of the visitor ends the reading", "[store][journal_reader]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir));
  must_journal(writer, 1, 10);
  int visits = 0;
  const auto report = read_journal(dir.path(), kStoreId, [&](const JournalRecord&) {
    if (++visits < 3) return schema::Result<void>{};
    return schema::Result<void>{schema::fail(ErrorCode::locked, "enough")};
  });
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().detail == "enough");
  CHECK(visits == 3);
}

TEST_CASE("whatever is called a segment is read without harm", "[store][journal_reader]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 10);
  }
  std::mt19937 random{3};
  const auto last = segment_path(dir.path(), 11);
  SECTION("any bytes") {
    for (int i = 0; i < 500; ++i) {
      std::string bytes(random() % 3'000, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      if (i % 3 == 0) bytes.insert(0, encode_segment_header({1, 11, kStoreId, ""}));
      for (int magic = 0; bytes.size() > 100 && magic < 20; ++magic) {
        bytes.replace(random() % (bytes.size() - 4), 4, "\xF7WJ1");
      }
      overwrite(last, bytes);
      const Found found = read_back(dir);
      CHECK(found.positions == from_to(1, 10));
      CHECK(found.report.next_position == 11);
    }
  }
  SECTION("nothing but places where a record could begin") {
    std::string bytes = encode_segment_header({1, 11, kStoreId, ""});
    while (bytes.size() < 1 << 20) bytes += "\xF7WJ1";
    overwrite(last, bytes);
    CHECK(read_back(dir).positions == from_to(1, 10));
  }
  SECTION("a file larger than memory, of which nothing is on the disk") {
    overwrite(last, "x");
    std::filesystem::resize_file(last, std::uintmax_t{1} << 40U);
    CHECK(read_back(dir).positions == from_to(1, 10));
  }
  SECTION("things that are no files") {
    REQUIRE(::mkfifo(last.c_str(), 0600) == 0);
    std::filesystem::create_directory(segment_path(dir.path(), 12));
    std::filesystem::create_symlink("/dev/zero", segment_path(dir.path(), 13));
    overwrite(dir / "journal-1.log", "x");
    overwrite(dir / "journal-0000000000000000001x.log", "x");
    overwrite(dir / "journal-99999999999999999999.log", "x");
    CHECK(read_back(dir).report.is_whole());
  }
}
