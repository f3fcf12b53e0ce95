#include "store/journal_format.hpp"

#include <catch2/catch.hpp>

#include "store/crc32c.hpp"
#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

// Little-endian, by docs/journal.md and not by the code.
std::string le(std::uint64_t value, int bytes) {
  std::string out;
  for (; bytes > 0; --bytes, value /= 256) out += static_cast<char>(value % 256);
  return out;
}

std::uint32_t seed_of(std::uint64_t first_position) {
  return crc32c(std::string{kStoreId.begin(), kStoreId.end()} + le(first_position, 8));
}

}  // namespace

TEST_CASE("a segment has the bytes that docs/journal.md says", "[store][journal_format]") {
  const TempDir dir;
  auto writer = open_journal(journal_config(dir), 258);
  must(writer.append(
      {0, schema::Timestamp{schema::Elapsed{1'000'000}}, SourceKind::acked_batch, "key", "bytes"}));
  must(writer.write());
  must(writer.sync());
  must(writer.finish());
  REQUIRE(segments_in(dir)[0].filename() == "journal-00000000000000000258.log");
  const std::string file = bytes_of(segments_in(dir)[0]);

  std::string fields = le(258, 8) + std::string{kStoreId.begin(), kStoreId.end()} + le(7, 2);
  fields.resize(48);
  fields += "weir.db";
  fields.resize(496);
  const std::string header = "weirjrnl" + le(1, 4) + le(crc32c(le(1, 4) + fields), 4) + fields;
  CHECK(file.substr(0, 512) == header);

  const std::uint32_t seed = seed_of(258);
  fields = le(crc32c("keybytes", seed), 4) + le(8, 4) + le(3, 2) + le(2, 1) + le(0, 1) + le(0, 4) +
           le(258, 8) + le(1'000'000, 8);
  const std::string record = "\xF7WJ1" + le(crc32c(fields, seed), 4) + fields + "keybytes";
  CHECK(file.substr(512, 48) == record);

  fields = le(seed, 4) + le(0, 4) + le(0, 2) + le(0, 1) + le(0, 1) + le(0, 4) + le(258, 8) +
           std::string(8, '\xFF');
  CHECK(file.substr(560) == "\xF7WJ1" + le(crc32c(fields, seed), 4) + fields);
}

TEST_CASE("a long name of a store keeps its end", "[store][journal_format]") {
  SegmentHeader header;
  header.store_name = std::string(500, 'x') + "/weir.db";
  const std::string bytes = encode_segment_header(header);
  CHECK(bytes.size() == kSegmentHeaderBytes);
  const auto decoded = decode_segment_header(bytes);
  REQUIRE(decoded.has_value());
  CHECK(decoded->store_name == std::string(440, 'x') + "/weir.db");
}

TEST_CASE("headers that are cut or changed anywhere are none", "[store][journal_format]") {
  const SegmentHeader header{kJournalVersion, 7, kStoreId, "weir.db"};
  const std::string segment = encode_segment_header(header);
  const std::uint32_t seed = entry_seed(kStoreId, 7);
  std::string entry;
  encode_record(sample(7).record(), seed, entry);
  REQUIRE(decode_segment_header(segment).has_value());
  REQUIRE(decode_entry_header(entry, seed).has_value());
  CHECK_FALSE(decode_entry_header(entry, entry_seed(kStoreId, 8)).has_value());
  CHECK_FALSE(decode_entry_header(entry, entry_seed({}, 7)).has_value());
  for (std::size_t bit = 0; bit < 8 * segment.size(); ++bit) {
    std::string changed = segment;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(decode_segment_header(changed).has_value());
    CHECK_FALSE(decode_segment_header(segment.substr(0, bit / 8)).has_value());
  }
  for (std::size_t bit = 0; bit < 8 * kEntryHeaderBytes; ++bit) {
    std::string changed = entry;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(decode_entry_header(changed, seed).has_value());
    CHECK_FALSE(decode_entry_header(entry.substr(0, bit / 8), seed).has_value());
  }
}
