#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schema/error.hpp"
#include "store/journal_reader.hpp"
#include "store/journal_walk.hpp"

namespace weir::store {

// Where a segment stands among the others.
struct SegmentPlace {
  std::uint64_t expected = 1;              // the position of its first record
  std::uint64_t limit = kMaxPosition + 1;  // the next segment's first position
  bool is_last = true;
};

// Gives one segment's sound records to a visitor and notes in the report what else it finds.
//
// Bad bytes are damage if what stood there had been durable: there is a later segment, or a later
// commit marker says so; or if nothing is missing, since the next record is the expected one.
// Otherwise they are the rest of a write that was cut off, and end the journal. A commit marker is
// written without a sync, so that a power cut may take it (or some sectors of it) and leave the
// records behind it: that is no damage either.
class SegmentReader {
 public:
  // All outlive the reader.
  SegmentReader(const std::filesystem::path& path, JournalReport& report,
                const JournalVisitor& visitor)
      : path_(path), report_(report), visitor_(visitor) {}

  void note_damage(std::uint64_t offset, std::string what, std::optional<PositionRange> lost = {});
  // The position that a record behind this segment would have. Errors: the visitor's.
  schema::Result<std::uint64_t> read(std::string_view bytes, std::uint32_t seed,
                                     const SegmentPlace& place);

 private:
  // Bad bytes of which it is not known yet what they are.
  struct Suspect {
    std::uint64_t offset;
    const char* what;
  };

  void suspect(const SegmentPiece& piece, const char* what);
  bool is_in_place(const SegmentPiece& piece) const;
  bool was_durable();
  // What is known to follow: the byte where it stands, and its position.
  void settle_suspect(std::uint64_t end, std::uint64_t known_end);
  bool is_unsynced_marker(std::uint64_t from, std::uint64_t to) const;
  schema::Result<bool> accept(const SegmentPiece& piece);
  void end(const JournalWalk& walk);
  void tear(JournalWalk& walk, bool at_record);

  const std::filesystem::path& path_;
  JournalReport& report_;
  const JournalVisitor& visitor_;
  std::string_view bytes_;
  std::uint32_t seed_ = 0;
  SegmentPlace place_;
  std::uint64_t expected_ = 1, records_ = 0;
  std::optional<Suspect> suspect_;
  std::optional<std::uint64_t> claim_;  // the largest of the segment's commit markers
};

}  // namespace weir::store
