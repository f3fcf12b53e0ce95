#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schema/time.hpp"

namespace weir::store {

// Which decoder reads a record's bytes. Numbers are on disk: they are added to, never changed. 0 is
// a commit marker. A reader may meet numbers of a newer weir.
// tick has no bytes: time passed in the runs. refused_batch has only its key: it was too large.
enum class SourceKind : std::uint8_t {
  loads_frame = 1,
  acked_batch = 2,
  http_messages = 3,
  tick = 4,
  refused_batch = 5,
};

// What the broker accepted, as it came. Views: of the caller's bytes when appending, of the
// reader's buffer (until the next record) when reading.
struct JournalRecord {
  std::uint64_t position = 0;  // 1, 2, 3, ... over all segments; given by the writer
  schema::Timestamp arrival{};
  SourceKind source = SourceKind::loads_frame;
  std::string_view key;  // tells a duplicate; may be empty
  std::string_view bytes;
};

// Random bytes that a results store has for life: a journal belongs to exactly one store.
using StoreId = std::array<std::uint8_t, 16>;

// Larger positions are not taken for positions.
inline constexpr std::uint64_t kMaxPosition = (std::uint64_t{1} << 62U) - 1;
// A larger key or record is refused as too_large.
inline constexpr std::size_t kMaxJournalKeyBytes = 1'024;
inline constexpr std::size_t kMaxJournalRecordBytes = std::size_t{64} << 20U;
// Settings between these; a segment is larger only for one record that needs it.
inline constexpr std::size_t kMinSegmentBytes = std::size_t{1} << 10U;
inline constexpr std::size_t kMaxSegmentBytes = std::size_t{128} << 20U;

}  // namespace weir::store
