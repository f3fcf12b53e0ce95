#include "store/journal_format.hpp"

#include <algorithm>
#include <chrono>

#include "store/crc32c.hpp"

namespace weir::store {
namespace {

constexpr std::string_view kSegmentMagic = "weirjrnl";
// 0xF7 occurs in no UTF-8 text, so that text is searched fast.
constexpr std::string_view kEntryMagic = "\xF7WJ1";
constexpr std::uint8_t kMarkerKind = 0;

constexpr std::size_t kNameOffset = 64;
static_assert(kNameOffset + kMaxStoreNameBytes == kSegmentHeaderBytes);

template <class T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU);
  }
}

// Reads integers from left to right. REQUIRES: the bytes are there.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T take() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
    }
    bytes_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }

 private:
  std::string_view bytes_;
};

void encode_entry(const JournalRecord& record, std::uint8_t kind, std::uint32_t seed,
                  std::string& out) {
  std::string fields;
  fields.reserve(kEntryHeaderBytes);
  put<std::uint32_t>(fields, crc32c(record.bytes, crc32c(record.key, seed)));
  put<std::uint32_t>(fields, static_cast<std::uint32_t>(record.key.size() + record.bytes.size()));
  put<std::uint16_t>(fields, static_cast<std::uint16_t>(record.key.size()));
  put<std::uint16_t>(fields, kind);
  put<std::uint32_t>(fields, 0);
  put<std::uint64_t>(fields, record.position);
  put<std::int64_t>(fields, record.arrival.time_since_epoch().count());
  out += kEntryMagic;
  put<std::uint32_t>(out, crc32c(fields, seed));
  out += fields;
  out += record.key;
  out += record.bytes;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string fields;
  put<std::uint64_t>(fields, header.first_position);
  fields.append(header.store_id.begin(), header.store_id.end());
  std::string_view name = header.store_name;
  if (name.size() > kMaxStoreNameBytes) name.remove_prefix(name.size() - kMaxStoreNameBytes);
  put<std::uint16_t>(fields, static_cast<std::uint16_t>(name.size()));
  fields.resize(kNameOffset - 16);
  fields += name;
  fields.resize(kSegmentHeaderBytes - 16);
  std::string version;
  put<std::uint32_t>(version, header.version);
  std::string out{kSegmentMagic};
  out += version;
  put<std::uint32_t>(out, crc32c(fields, crc32c(version)));
  return out + fields;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMagic)) return {};
  bytes = bytes.substr(kSegmentMagic.size(), kSegmentHeaderBytes - kSegmentMagic.size());
  Cursor cursor{bytes};
  SegmentHeader header;
  header.version = cursor.take<std::uint32_t>();
  const auto crc = cursor.take<std::uint32_t>();
  if (crc != crc32c(bytes.substr(8), crc32c(bytes.substr(0, 4)))) return {};
  if (header.version != kJournalVersion) return header;
  header.first_position = cursor.take<std::uint64_t>();
  for (std::uint8_t& byte : header.store_id) byte = cursor.take<std::uint8_t>();
  const std::size_t name_bytes = cursor.take<std::uint16_t>();
  header.store_name = bytes.substr(kNameOffset - kSegmentMagic.size(), name_bytes);
  return header;
}

std::uint32_t entry_seed(const StoreId& store_id, std::uint64_t first_position) {
  std::string salt{store_id.begin(), store_id.end()};
  put<std::uint64_t>(salt, first_position);
  return crc32c(salt);
}

std::size_t encoded_bytes(const JournalRecord& record) {
  return kEntryHeaderBytes + record.key.size() + record.bytes.size();
}

void encode_record(const JournalRecord& record, std::uint32_t seed, std::string& out) {
  encode_entry(record, static_cast<std::uint8_t>(record.source), seed, out);
}

void encode_commit_marker(std::uint64_t position, std::uint32_t seed, std::string& out) {
  // Ends in ones, so that no flipped bit makes a part of it all zeros, as a power cut does.
  const schema::Timestamp ones{std::chrono::microseconds{-1}};
  encode_entry({position, ones, {}, {}, {}}, kMarkerKind, seed, out);
}

std::optional<EntryHeader> decode_entry_header(std::string_view bytes, std::uint32_t seed) {
  if (bytes.size() < kEntryHeaderBytes || !bytes.starts_with(kEntryMagic)) return {};
  Cursor cursor{bytes.substr(kEntryMagic.size())};
  if (cursor.take<std::uint32_t>() != crc32c(bytes.substr(8, kEntryHeaderBytes - 8), seed))
    return {};
  EntryHeader header;
  header.body_crc = cursor.take<std::uint32_t>();
  header.body_bytes = cursor.take<std::uint32_t>();
  header.key_bytes = cursor.take<std::uint16_t>();
  const auto kind = cursor.take<std::uint8_t>();
  cursor.take<std::uint8_t>();
  cursor.take<std::uint32_t>();
  header.record.position = cursor.take<std::uint64_t>();
  header.record.arrival = schema::Timestamp{std::chrono::microseconds{cursor.take<std::int64_t>()}};
  header.is_marker = kind == kMarkerKind;
  header.record.source = static_cast<SourceKind>(kind);
  if (header.key_bytes > std::min(kMaxJournalKeyBytes, header.body_bytes)) return {};
  return header;
}

std::size_t find_entry(std::string_view bytes, std::size_t from) {
  return std::min(bytes.find(kEntryMagic, from), bytes.size());
}

}  // namespace weir::store
