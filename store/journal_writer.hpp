#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schema/error.hpp"
#include "store/file_calls.hpp"
#include "store/journal_record.hpp"
#include "store/journal_segment.hpp"

namespace weir::store {

struct JournalConfig {
  std::filesystem::path folder = "weir-data";
  std::uint64_t segment_bytes = std::uint64_t{64} << 20U;
  // Appended and not written yet: beyond this append() refuses. One record always fits.
  std::uint64_t pending_bytes_max = std::uint64_t{64} << 20U;
  FileCalls calls;
};

// Writes the journal: append() any number of records, write() the group, sync() it, and then
// acknowledge what durable() says. Starts a segment of its own at the first write, so that what was
// recovered is never written again. Used by one thread, which has the folder's lock.
//
// Errors: no_space (the disk is full; nothing is lost, the same call may be made again and goes on
// where it was), io (a failed write or sync; final: every later call fails with the same error, and
// nothing is tried again, since after a failed fsync nobody knows what is on the disk).
class JournalWriter {
 public:
  // `next_position` and the segments in the folder are as read_journal and truncate_torn left them;
  // `store_name` is for people. Errors: io, invalid_setting (a size out of range).
  static schema::Result<JournalWriter> open(const JournalConfig& config, const StoreId& store_id,
                                            std::string_view store_name,
                                            std::uint64_t next_position);

  // Takes a copy into memory and gives the record's position (that of `record` is not looked at).
  // Also refuses with too_large, out_of_range (source 0), and no_space when pending_bytes_max is
  // reached: write() first.
  schema::Result<std::uint64_t> append(const JournalRecord& record);
  schema::Result<void> write();
  // Makes what is written durable, and then says so in the journal.
  schema::Result<void> sync();
  // Writes, syncs and closes the segment; the next append() begins another. For a clean end.
  schema::Result<void> finish();
  // Removes the closed segments whose records are all below `position`. A file that cannot be
  // removed is an io error that is not final.
  schema::Result<void> remove_below(std::uint64_t position);

  std::uint64_t next_position() const { return next_; }  // of the next append()
  std::uint64_t written() const { return written_; }
  std::uint64_t durable() const { return durable_; }
  std::uint64_t pending_bytes() const { return pending_bytes_; }
  // All segments of this journal on the disk.
  std::uint64_t bytes() const;
  // The error that ended it, if one did.
  const std::optional<schema::Error>& failure() const { return failure_; }

 private:
  // Encoded entries that belong into one segment.
  struct Group {
    std::uint64_t segment = 0;  // its first position
    std::uint64_t capacity_bytes = 0;
    std::string bytes;
    std::size_t written = 0;
    std::uint64_t last_position = 0;
  };
  struct ClosedSegment {
    std::filesystem::path path;
    std::uint64_t last_position = 0, size_bytes = 0;
  };

  JournalWriter(const JournalConfig& config, const StoreId& store_id, std::string_view store_name,
                std::uint64_t next_position);
  schema::Result<void> adopt_segments();
  Group& group_for(std::uint64_t size_bytes);
  schema::Result<void> write_group();
  schema::Result<void> start_segment(const Group& group);
  schema::Result<void> close_segment();
  void mark_durable();
  schema::Result<void> refused() const { return tl::unexpected<schema::Error>(*failure_); }
  schema::Result<void> noted(schema::Result<void> result);

  JournalConfig config_;
  std::unique_ptr<const FileCalls> calls_;  // stays where it is when the writer moves
  StoreId store_id_;
  std::string store_name_;
  std::uint64_t next_, written_, durable_;
  std::uint64_t planned_segment_ = 0, planned_bytes_ = 0, planned_capacity_ = 0;
  std::uint64_t pending_bytes_ = 0;
  std::deque<Group> pending_;
  std::deque<ClosedSegment> closed_;
  std::optional<JournalSegment> segment_;
  std::optional<schema::Error> failure_;
};

}  // namespace weir::store
