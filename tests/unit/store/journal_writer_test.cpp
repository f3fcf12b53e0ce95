#include "store/journal_writer.hpp"

#include <cstring>

#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

TEST_CASE("what was appended comes back as it was, in order, over many segments",
          "[store][journal_writer]") {
  const TempDir dir;
  for (const std::uint64_t group : {1U, 3U, 50U}) {
    CAPTURE(group);
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 50, group);
    CHECK(segments_in(dir).size() > 4);
    const Found found = read_back(dir);
    CHECK(found.positions == from_to(1, 50));
    CHECK(found.as_written);
    CHECK(found.report.is_whole());
    CHECK(found.report.next_position == 51);
    CHECK(found.report.torn_bytes == 0);
    must(writer.finish());
    must(writer.remove_below(51));
    CHECK(segments_in(dir).empty());
  }
}

TEST_CASE("any key and bytes come back: none, zeros, the words of the journal itself",
          "[store][journal_writer]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir, 1 << 20));
  const std::string zeros(5'000, '\0');
  std::string own;  // a sender who knows the format
  {
    const TempDir other;
    auto forged = open_journal(journal_config(other));
    must_journal(forged, 1, 3);
    own = bytes_of(segments_in(other)[0]);
  }
  const std::vector<std::pair<std::string, std::string>> bodies{
      {"", ""},        {"k", ""},  {"", zeros}, {zeros.substr(0, kMaxJournalKeyBytes), own},
      {"", "\xF7WJ1"}, {"", zeros}};
  for (const auto& [key, bytes] : bodies) {
    must(writer.append({0, at_us(-5), SourceKind::http_messages, key, bytes}));
  }
  must(writer.write());
  std::size_t at = 0;
  const auto report =
      read_journal(dir.path(), kStoreId, [&](const JournalRecord& record) -> schema::Result<void> {
        REQUIRE(at < bodies.size());
        CHECK(record.key == bodies[at].first);
        CHECK(record.bytes == bodies[at].second);
        CHECK(record.arrival == at_us(-5));
        CHECK(record.source == SourceKind::http_messages);
        CHECK(record.position == ++at);
        return {};
      });
  must(report);
  CHECK(at == bodies.size());
  CHECK(report->is_whole());
  CHECK(report->torn_bytes == 0);
}

TEST_CASE("written and durable say what a crash of the process or of the machine leaves",
          "[store][journal_writer]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir), 7);
  CHECK(writer.durable() == 6);
  must_append(writer, sample(7));
  CHECK(writer.written() == 6);
  CHECK(segments_in(dir).empty());
  must(writer.write());
  CHECK(writer.written() == 7);
  CHECK(writer.durable() == 6);
  CHECK(writer.pending_bytes() == 0);
  must(writer.sync());
  CHECK(writer.durable() == 7);
  CHECK(writer.next_position() == 8);
  CHECK(read_back(dir).positions == from_to(7, 7));
}

TEST_CASE("a segment is reserved as a whole and closed at what it holds",
          "[store][journal_writer]") {
  const TempDir dir;
  const JournalConfig config = journal_config(dir, 8'192);
  auto writer = open_journal(config);
  must_journal(writer, 1, 1);
  CHECK(std::filesystem::file_size(segments_in(dir)[0]) == 8'192);
  CHECK(writer.bytes() == 8'192);
  CHECK(std::filesystem::status(segments_in(dir)[0]).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  must(writer.finish());
  const std::string bytes = bytes_of(segments_in(dir)[0]);
  CHECK(bytes.size() < 1'024);
  CHECK(writer.bytes() == bytes.size());
  must_journal(writer, 2, 2);
  CHECK(segments_in(dir).size() == 2);
  CHECK(read_back(dir).positions == from_to(1, 2));
}

TEST_CASE("a record larger than a segment gets one of its own size", "[store][journal_writer]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir));
  must_journal(writer, 1, 2);
  must_journal(writer, 3, 3, 1, 100'000);
  must_journal(writer, 4, 5);
  CHECK(segments_in(dir).size() == 3);
  const Found found = read_back(dir, 0);
  CHECK(found.positions == from_to(1, 5));
  CHECK(found.report.is_whole());
  const auto large = std::filesystem::file_size(segments_in(dir)[1]);
  CHECK(large > 100'000);
  CHECK(large < 101'000);
}

TEST_CASE("records out of limits are refused and leave no gap", "[store][journal_writer]") {
  const TempDir dir;
  JournalConfig config = journal_config(dir);
  config.pending_bytes_max = 300;
  auto writer = open_journal(config);
  const std::string key(kMaxJournalKeyBytes + 1, 'k');
  CHECK(writer.append({0, {}, SourceKind::acked_batch, key, ""}).error().code ==
        ErrorCode::too_large);
  const std::string_view huge{key.data(),
                              kMaxJournalRecordBytes + 1};  // only its size is looked at
  CHECK(writer.append({0, {}, SourceKind::acked_batch, "", huge}).error().code ==
        ErrorCode::too_large);
  CHECK(writer.append({0, {}, SourceKind{0}, "", ""}).error().code == ErrorCode::out_of_range);
  must_append(writer, sample(1, 1'000));  // one always fits
  CHECK(writer.append(sample(2).record()).error().code == ErrorCode::no_space);
  must(writer.write());
  must_append(writer, sample(2));
  must(writer.write());
  CHECK(read_back(dir).positions == from_to(1, 2));
}

TEST_CASE("old segments go when all their records are below a position",
          "[store][journal_writer]") {
  const TempDir dir;
  {
    auto writer = open_journal(journal_config(dir));
    must_journal(writer, 1, 30);
  }
  must_settle(dir, read_back(dir).report);
  auto writer = open_journal(journal_config(dir), 31);
  must_journal(writer, 31, 60);
  std::uint64_t bytes = writer.bytes();
  for (std::uint64_t position = 1; position <= 61; ++position) {
    CAPTURE(position);
    must(writer.remove_below(position));
    CHECK(writer.bytes() <= bytes);
    bytes = writer.bytes();
    const Found found = read_back(dir);
    CHECK(found.report.is_whole());
    CHECK(found.report.next_position == 61);
    // What is kept begins with the segment of that position, or is the one being written.
    const auto segments = list_segments(dir.path());
    must(segments);
    CHECK((segments->size() == 1 || segments->at(1).first_position > position));
    CHECK(found.positions == from_to(segments->front().first_position, 60));
  }
  CHECK(segments_in(dir).size() == 1);
}

TEST_CASE("a journal is opened only where it goes on, with sizes that work",
          "[store][journal_writer]") {
  const TempDir dir;
  JournalConfig config = journal_config(dir);
  {
    auto writer = open_journal(config);
    must_journal(writer, 1, 10);
  }
  const auto behind = JournalWriter::open(config, kStoreId, "weir.db", 1);
  REQUIRE_FALSE(behind.has_value());
  CHECK_THAT(behind.error().detail, Catch::Contains("journal-00000000000000000001.log"));
  CHECK(JournalWriter::open(config, kStoreId, "", 0).error().code == ErrorCode::invalid_setting);
  config.segment_bytes = kMinSegmentBytes - 1;
  CHECK(JournalWriter::open(config, kStoreId, "", 11).error().code == ErrorCode::invalid_setting);
  config.segment_bytes = kMaxSegmentBytes + 1;
  CHECK(JournalWriter::open(config, kStoreId, "", 11).error().code == ErrorCode::invalid_setting);
}

TEST_CASE("another store's segments are neither removed nor replaced", "[store][journal_writer]") {
  const TempDir dir;
  StoreId other = kStoreId;
  other[0] ^= 0xFFU;
  {
    auto foreign = JournalWriter::open(journal_config(dir), other, "theirs.db", 1);
    must(foreign);
    must_append(*foreign, sample(1));
    must(foreign->finish());
  }
  const std::string theirs = bytes_of(segments_in(dir)[0]);
  auto writer = open_journal(journal_config(dir));
  must_append(writer, sample(1));
  CHECK(writer.write().error().code == ErrorCode::io);
  auto later = open_journal(journal_config(dir), 5);
  must_append(later, sample(5));
  must(later.finish());
  must(later.remove_below(6));
  REQUIRE(segments_in(dir).size() == 1);
  CHECK(bytes_of(segments_in(dir)[0]) == theirs);
}
