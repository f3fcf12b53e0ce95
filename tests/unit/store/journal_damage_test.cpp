#include <random>

#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

// One bit of a journal of `records` records is wrong. Whatever bit it is: it is noticed, the
// records that it does not stand in come back as written, and one that it stands in is named.
void check_flip(const TempDir& dir, std::uint64_t records, const std::filesystem::path& segment,
                std::uint64_t bit, bool before_last_record, std::size_t size_bytes = 0) {
  flip_bit(segment, bit);
  const Found found = read_back(dir, size_bytes);
  flip_bit(segment, bit);
  CAPTURE(segment, bit / 8, bit % 8);
  CHECK(found.as_written);
  CHECK(found.positions.size() + 1 >= records);
  CHECK(found.report.lost_records == records - found.positions.size());
  CHECK(found.report.next_position == records + 1);
  if (found.positions.size() < records) {
    REQUIRE(found.report.damages.size() == 1);
    const auto lost = found.report.damages[0].lost;
    REQUIRE(lost.has_value());
    auto all = found.positions;
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(lost->first - 1), lost->first);
    CHECK(all == from_to(1, records));
  }
  if (before_last_record) {
    CHECK(found.report.damages_total == 1);
    CHECK(found.report.damaged_segments == std::vector{segment});
    CHECK(found.report.torn_bytes == 0);
  } else {
    CHECK((found.report.damages_total == 1 || found.report.torn_bytes > 0));
  }
}

}  // namespace

TEST_CASE("every single flipped bit of a journal is noticed and costs at most its record",
          "[store][journal_damage]") {
  for (const std::uint64_t group : {1U, 4U}) {
    const TempDir dir;
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 12, group);
    const auto segments = segments_in(dir);
    REQUIRE(segments.size() > 1);
    for (const auto& segment : segments) {
      const std::string bytes = bytes_of(segment);
      const bool is_last = segment == segments.back();
      const std::size_t marker = last_entry(bytes);
      for (std::uint64_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        check_flip(dir, 12, segment, bit, !is_last || bit / 8 < marker);
      }
    }
  }
}

TEST_CASE("ten thousand flipped bits of a large journal are each noticed",
          "[store][journal_damage][slow]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir, 32'768));
  must_journal(writer, 1, 160, 7, 300);
  const auto segments = segments_in(dir);
  REQUIRE(segments.size() == 2);
  const std::vector<std::string> whole{bytes_of(segments[0]), bytes_of(segments[1])};
  const std::size_t end = last_entry(whole[1]);
  std::mt19937 random{7};
  for (int i = 0; i < 10'000; ++i) {
    const std::size_t at = random() % 2;
    const std::uint64_t bit = random() % (8 * whole[at].size());
    check_flip(dir, 160, segments[at], bit, at == 0 || bit / 8 < end, 300);
  }
}

TEST_CASE("a stretch of a journal that is lost costs the records in it",
          "[store][journal_damage]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir, 4'096));
  must_journal(writer, 1, 60);
  const auto segments = segments_in(dir);
  REQUIRE(segments.size() == 2);
  std::mt19937 random{11};
  for (int i = 0; i < 1'000; ++i) {
    const auto& segment = segments[random() % segments.size()];
    const std::string whole = bytes_of(segment);
    const std::size_t from = random() % whole.size();
    const std::size_t size = std::min<std::size_t>(random() % 600, whole.size() - from);
    std::string damaged = whole;
    for (std::size_t at = from; at < from + size; ++at) {
      damaged[at] = static_cast<char>(i % 2 == 0 ? 0 : random());
    }
    overwrite(segment, damaged);
    const Found found = read_back(dir);
    overwrite(segment, whole);
    CAPTURE(segment, from, size);
    CHECK(found.as_written);
    CHECK(std::is_sorted(found.positions.begin(), found.positions.end()));
    // Without the marker at its very end, the last segment may look like one that was cut off.
    if (segment == segments.back() && from + size > last_entry(whole)) continue;
    CHECK(found.positions.size() + found.report.lost_records == 60);
    CHECK(found.report.next_position == 61);
  }
}

TEST_CASE("damage of a last record that was durable is no torn tail", "[store][journal_damage]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir, 4'096));
  must_journal(writer, 1, 5);
  const auto segment = segments_in(dir)[0];
  std::string bytes = bytes_of(segment);
  const std::size_t marker = last_entry(bytes);
  const std::size_t record = last_entry(bytes.substr(0, marker));
  SECTION("changed") { bytes[record + 45] ^= 1; }
  SECTION("zeros") {
    std::fill_n(bytes.begin() + static_cast<long>(record), marker - record, '\0');
  }
  overwrite(segment, bytes);
  const Found found = read_back(dir);
  CHECK(found.positions == from_to(1, 4));
  REQUIRE(found.report.damages.size() == 1);
  CHECK(found.report.damages[0].offset == record);
  CHECK(found.report.damages[0].lost->first == 5);
  CHECK(found.report.damages[0].lost->last == 5);
  CHECK(found.report.next_position == 6);
}

TEST_CASE("blocks that a disk cannot read cost the records in them", "[store][journal_damage]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir, 65'536));
  must_journal(writer, 1, 60, 1, 600);
  FileCalls calls;
  calls.pread = [](int file, void* into, std::size_t size, off_t at) {
    errno = EIO;
    const bool bad = at < 12'288 && at + static_cast<off_t>(size) > 8'192;
    return bad ? ssize_t{-1} : ::pread(file, into, size, at);
  };
  const Found found = read_back(dir, 600, calls);
  CHECK(found.as_written);
  CHECK(found.positions.size() >= 52);
  CHECK(found.positions.size() < 60);
  CHECK(found.positions.size() + found.report.lost_records == 60);
  REQUIRE_FALSE(found.report.damages.empty());
  CHECK(found.report.damages[0].offset == 8'192);
  CHECK_THAT(found.report.damages[0].what, Catch::Contains("Input/output error"));
}

TEST_CASE("damages beyond a thousand are counted and not listed", "[store][journal_damage]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir, 1 << 20));
  must_journal(writer, 1, 2'400, 100);
  const auto segment = segments_in(dir)[0];
  std::string bytes = bytes_of(segment);
  std::size_t at = 512;
  for (int i = 0; i < 2'400 && at != std::string::npos; ++i) {
    if (i % 2 == 0) bytes[at + 20] ^= 1;
    at = bytes.find("\xF7WJ1", at + 1);
  }
  overwrite(segment, bytes);
  const Found found = read_back(dir);
  CHECK(found.report.damages.size() == kMaxReportedDamages);
  CHECK(found.report.damages_total > kMaxReportedDamages);
  CHECK(found.positions.size() + found.report.lost_records == 2'400);
}
