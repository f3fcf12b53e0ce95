#include "store/journal_walk.hpp"

#include <algorithm>
#include <array>

#include "store/crc32c.hpp"

namespace weir::store {

using Kind = SegmentPiece::Kind;

// By blocks, since most of an open segment is zeros.
std::size_t used_bytes(std::string_view bytes) {
  static constexpr std::array<char, 4'096> kZeros{};
  const std::string_view zeros{kZeros.data(), kZeros.size()};
  while (bytes.ends_with(zeros)) bytes.remove_suffix(zeros.size());
  return bytes.find_last_not_of('\0') + 1;  // npos + 1 is 0
}

JournalWalk::JournalWalk(std::string_view bytes, std::uint32_t seed)
    : bytes_(bytes), seed_(seed), used_(used_bytes(bytes)) {}

std::optional<SegmentPiece> JournalWalk::next() {
  if (offset_ >= used_) return {};
  const auto header = decode_entry_header(bytes_.substr(offset_), seed_);
  return header ? entry(*header) : skip_to_entry();
}

SegmentPiece JournalWalk::entry(const EntryHeader& header) {
  SegmentPiece piece{Kind::bad, offset_, {}, "a record's bytes do not match their checksum"};
  const std::string_view rest = bytes_.substr(offset_ + kEntryHeaderBytes);
  if (rest.size() < header.body_bytes) {
    piece.what = "a record is cut off";
    offset_ = bytes_.size();
    return piece;
  }
  // The header is sound, so its length is: the next entry stands behind the body.
  offset_ += kEntryHeaderBytes + header.body_bytes;
  const std::string_view body = rest.substr(0, header.body_bytes);
  if (crc32c(body, seed_) != header.body_crc) return piece;
  piece.kind = header.is_marker ? Kind::marker : Kind::record;
  piece.record = header.record;
  piece.record.key = body.substr(0, header.key_bytes);
  piece.record.bytes = body.substr(header.key_bytes);
  return piece;
}

SegmentPiece JournalWalk::skip_to_entry() {
  const SegmentPiece piece{Kind::bad, offset_, {}, "no record where one should begin"};
  std::size_t at = offset_;
  do {
    at = find_entry(bytes_, at + 1);
  } while (at < used_ && !decode_entry_header(bytes_.substr(at), seed_));
  offset_ = std::min(at, used_);
  return piece;
}

}  // namespace weir::store
