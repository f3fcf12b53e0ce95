#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "schema/error.hpp"
#include "store/file_calls.hpp"
#include "store/journal_format.hpp"

namespace weir::store {

// The segment that a JournalWriter writes: a preallocated file that only grows. It appears under
// its name when its header is durable, not before. Errors: no_space (the same call may be made
// again), io (final).
class JournalSegment {
 public:
  // `calls` outlives the segment.
  static schema::Result<JournalSegment> create(const FileCalls& calls,
                                               const std::filesystem::path& folder,
                                               const SegmentHeader& header,
                                               std::uint64_t capacity_bytes);

  // Writes behind what is there; `bytes` keeps what is not written.
  schema::Result<void> write(std::string_view& bytes);
  schema::Result<void> sync();
  // Gives back what was preallocated and not used.
  schema::Result<void> trim();

  std::uint64_t first_position() const { return first_position_; }
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t used_bytes() const { return used_; }
  std::uint64_t size_bytes() const { return size_; }

 private:
  JournalSegment(const FileCalls& calls, OpenFile file, std::filesystem::path path,
                 std::uint64_t first_position)
      : calls_(&calls),
        file_(std::move(file)),
        path_(std::move(path)),
        first_position_(first_position) {}
  schema::Result<void> prepare(const SegmentHeader& header, std::uint64_t capacity_bytes);
  void leave_page_cache();

  const FileCalls* calls_;
  OpenFile file_;
  std::filesystem::path path_;
  std::uint64_t first_position_;
  std::uint64_t used_ = 0, size_ = 0;
  std::uint64_t uncached_ = 0;  // the page cache holds nothing below
};

}  // namespace weir::store
