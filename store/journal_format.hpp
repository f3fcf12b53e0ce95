#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/journal_record.hpp"

namespace weir::store {

// The bytes of a journal, as docs/journal.md lays them out: a segment header, then entries one
// after another, then zeros. An entry is a record or a commit marker. Integers are little-endian.
inline constexpr std::size_t kSegmentHeaderBytes = 512;
inline constexpr std::size_t kEntryHeaderBytes = 40;
inline constexpr std::uint32_t kJournalVersion = 1;
// Of the results file's name in a segment header; a longer one loses its beginning.
inline constexpr std::size_t kMaxStoreNameBytes = 448;

struct SegmentHeader {
  std::uint32_t version = kJournalVersion;
  std::uint64_t first_position = 0;
  StoreId store_id{};
  std::string store_name;
};

std::string encode_segment_header(const SegmentHeader& header);
// Nothing if these bytes do not begin with a whole, undamaged header. Of a version other than ours
// only the version is read.
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

// Every checksum of a segment's entries begins from this. So bytes of another store or segment, or
// of a sender who writes entries into his messages, are not taken for entries.
std::uint32_t entry_seed(const StoreId& store_id, std::uint64_t first_position);

std::size_t encoded_bytes(const JournalRecord& record);
// REQUIRES: key and bytes within their limits.
void encode_record(const JournalRecord& record, std::uint32_t seed, std::string& out);
// "All positions up to this one are durable."
void encode_commit_marker(std::uint64_t position, std::uint32_t seed, std::string& out);

// An entry's header. The record's views are empty.
struct EntryHeader {
  JournalRecord record;
  bool is_marker = false;  // then record.position is the durable one
  std::uint32_t body_crc = 0;
  std::size_t key_bytes = 0, body_bytes = 0;  // the key is the beginning of the body
};

// Nothing if these bytes do not begin with an undamaged header. The body is not looked at.
std::optional<EntryHeader> decode_entry_header(std::string_view bytes, std::uint32_t seed);
// Where the next entry header may begin at or after `from`; the size of `bytes` if nowhere.
std::size_t find_entry(std::string_view bytes, std::size_t from);

}  // namespace weir::store
