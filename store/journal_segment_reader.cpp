#include "store/journal_segment_reader.hpp"

#include <algorithm>
#include <utility>

namespace weir::store {

using schema::Error;
using schema::Result;
using Kind = SegmentPiece::Kind;

Result<std::uint64_t> SegmentReader::read(std::string_view bytes, std::uint32_t seed,
                                          const SegmentPlace& place) {
  bytes_ = bytes;
  seed_ = seed;
  place_ = place;
  expected_ = place.expected;
  JournalWalk walk{bytes, seed};
  while (const auto piece = walk.next()) {
    if (piece->kind == Kind::bad) {
      suspect(*piece, piece->what);
    } else if (!is_in_place(*piece)) {
      suspect(*piece, "a record of another place in the journal");
    } else if (piece->kind == Kind::record) {
      const auto accepted = accept(*piece);
      if (!accepted) return tl::unexpected<Error>(accepted.error());
      if (!*accepted) {
        tear(walk, true);
        return expected_;
      }
    }
  }
  end(walk);
  if (suspect_) tear(walk, false);
  return expected_;
}

void SegmentReader::suspect(const SegmentPiece& piece, const char* what) {
  if (!suspect_) suspect_ = {piece.offset, what};
}

bool SegmentReader::is_in_place(const SegmentPiece& piece) const {
  const std::uint64_t position = piece.record.position;
  return position < place_.limit && (piece.kind == Kind::marker || position >= expected_);
}

// False: it is behind the end of the journal.
Result<bool> SegmentReader::accept(const SegmentPiece& piece) {
  const std::uint64_t position = piece.record.position;
  if (position > expected_) suspect(piece, "records are missing before this one");
  if (suspect_) {
    if (position != expected_ && !was_durable()) return false;
    settle_suspect(piece.offset, position);
  }
  expected_ = position + 1;
  if (report_.records == 0) report_.first_position = position;
  report_.last_position = position;
  ++report_.records;
  ++records_;
  const auto visited = visitor_(piece.record);
  if (!visited) return tl::unexpected<Error>(visited.error());
  return true;
}

void SegmentReader::settle_suspect(std::uint64_t end, std::uint64_t known_end) {
  const Suspect found = *suspect_;
  suspect_.reset();
  std::optional<PositionRange> lost;
  if (known_end > expected_) {
    lost = {expected_, known_end - 1};
  } else if (is_unsynced_marker(found.offset, end)) {
    return;
  }
  note_damage(found.offset, found.what, lost);
}

// Whether each sector's part of these bytes is that of the marker which belongs here, or zeros.
bool SegmentReader::is_unsynced_marker(std::uint64_t from, std::uint64_t to) const {
  constexpr std::uint64_t kSectorBytes = 512;
  std::string marker;
  encode_commit_marker(expected_ - 1, seed_, marker);
  if (to - from != marker.size() || to > bytes_.size()) return false;
  for (std::uint64_t at = from; at < to;) {
    const std::uint64_t end = std::min(to, (at / kSectorBytes + 1) * kSectorBytes);
    const auto part = bytes_.substr(at, end - at);
    const bool is_zero = part.find_first_not_of('\0') == std::string_view::npos;
    if (!is_zero && part != std::string_view{marker}.substr(at - from, end - at)) return false;
    at = end;
  }
  return true;
}

// Whether the expected record had been.
bool SegmentReader::was_durable() {
  if (!place_.is_last) return true;
  if (!claim_) {
    claim_ = 0;
    JournalWalk walk{bytes_, seed_};
    while (const auto piece = walk.next()) {
      if (piece->kind != Kind::marker || piece->record.position > kMaxPosition) continue;
      claim_ = std::max(*claim_, piece->record.position);
    }
  }
  return *claim_ >= expected_;
}

// Leaves a suspect only if it was torn.
void SegmentReader::end(const JournalWalk& walk) {
  if (place_.is_last) {
    report_.tail = path_;
    report_.tail_bytes = std::max<std::uint64_t>(walk.offset(), kSegmentHeaderBytes);
    report_.tail_records = records_;
    if (!was_durable()) return;
    if (!suspect_) suspect_ = {walk.offset(), "the last records are missing"};
  } else if (!suspect_) {
    return;
  }
  const std::uint64_t known_end = place_.is_last ? *claim_ + 1 : place_.limit;
  // A marker's last bytes may be the zeros at which the walk ended.
  const std::uint64_t behind_marker = suspect_->offset + kEntryHeaderBytes;
  settle_suspect(std::max<std::uint64_t>(walk.offset(), behind_marker), known_end);
  expected_ = std::max(expected_, known_end);
}

// What is whole behind the tear counts as torn all the same.
void SegmentReader::tear(JournalWalk& walk, bool at_record) {
  report_.torn_records = at_record ? 1 : 0;
  while (const auto piece = walk.next()) {
    if (piece->kind == Kind::record) ++report_.torn_records;
  }
  report_.tail = path_;
  report_.tail_records = records_;
  report_.tail_bytes = suspect_->offset;
  report_.torn_bytes = std::max<std::uint64_t>(walk.used(), suspect_->offset) - suspect_->offset;
}

void SegmentReader::note_damage(std::uint64_t offset, std::string what,
                                std::optional<PositionRange> lost) {
  ++report_.damages_total;
  if (lost) report_.lost_records += lost->last - lost->first + 1;
  auto& segments = report_.damaged_segments;
  if (segments.empty() || segments.back() != path_) segments.push_back(path_);
  if (report_.damages.size() < kMaxReportedDamages) {
    report_.damages.push_back({path_, offset, std::move(what), lost});
  }
}

}  // namespace weir::store
