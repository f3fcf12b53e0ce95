#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "store/journal_format.hpp"

namespace weir::store {

// Where the last byte that is not zero ends.
std::size_t used_bytes(std::string_view bytes);

// One stretch of a segment.
struct SegmentPiece {
  enum class Kind : std::uint8_t { record, marker, bad };

  Kind kind = Kind::bad;
  std::size_t offset = 0;
  JournalRecord record;   // of a marker the position alone, of a bad piece nothing
  const char* what = "";  // of a bad piece
};

// Goes through a segment's bytes piece by piece, each byte at most twice, whatever they are: from a
// bad piece on to the next place where an undamaged entry header stands. Ends where only zeros
// follow. The bytes outlive the walk.
class JournalWalk {
 public:
  JournalWalk(std::string_view bytes, std::uint32_t seed);

  std::optional<SegmentPiece> next();
  // Where the next piece begins; after the last one, where the zeros do.
  std::size_t offset() const { return offset_; }
  std::size_t used() const { return used_; }

 private:
  SegmentPiece entry(const EntryHeader& header);
  SegmentPiece skip_to_entry();

  std::string_view bytes_;
  std::uint32_t seed_;
  std::size_t used_;
  std::size_t offset_ = kSegmentHeaderBytes;
};

}  // namespace weir::store
