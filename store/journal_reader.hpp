#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schema/error.hpp"
#include "store/file_calls.hpp"
#include "store/journal_record.hpp"

namespace weir::store {

// Both included.
struct PositionRange {
  std::uint64_t first = 0, last = 0;
};

// Bytes of a segment that are not what was written.
struct JournalDamage {
  std::filesystem::path segment;
  std::uint64_t offset = 0;
  std::string what;
  std::optional<PositionRange> lost;  // none: only a marker, a header or unused bytes were hit
};

// A segment that another results store's weir wrote: nothing in it was looked at.
struct ForeignSegment {
  std::filesystem::path segment;
  std::string store_name;
};

// What was found in a journal.
struct JournalReport {
  std::uint64_t records = 0, first_position = 0, last_position = 0;  // as given to the visitor
  std::uint64_t next_position = 1;     // for the writer: beyond all that was or had been durable
  std::uint64_t lost_records = 0;      // in damages and missing
  std::vector<JournalDamage> damages;  // the first kMaxReportedDamages
  std::uint64_t damages_total = 0;
  std::vector<std::filesystem::path> damaged_segments;
  std::vector<PositionRange> missing;  // with a segment that is gone, or was cut off
  std::vector<ForeignSegment> foreign;

  // The last segment: its sound bytes, and what stands behind them, the rest of a write that was
  // cut off. It was never acknowledged as durable, not even where a record in it is whole.
  std::filesystem::path tail;  // empty: there is no segment
  std::uint64_t tail_bytes = 0, tail_records = 0;
  std::uint64_t torn_bytes = 0, torn_records = 0;
  // Segments in which nothing was ever written.
  std::vector<std::filesystem::path> leftovers;

  bool is_whole() const { return damages_total == 0 && missing.empty() && foreign.empty(); }
};

inline constexpr std::size_t kMaxReportedDamages = 1'000;

// Gets every sound record, in order of position; an error ends the reading and is its result.
using JournalVisitor = std::function<schema::Result<void>(const JournalRecord&)>;

// Reads all segments of a store's journal in `folder`, one at a time in memory (kMaxSegmentBytes);
// changes nothing. The caller has the folder's lock. Damage is no error, it is in the report.
// Errors: newer_schema (a newer weir wrote it), io (the folder or a file cannot be opened), the
// visitor's.
schema::Result<JournalReport> read_journal(const std::filesystem::path& folder,
                                           const StoreId& store_id, const JournalVisitor& visitor,
                                           const FileCalls& calls = {});

}  // namespace weir::store
