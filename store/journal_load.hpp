#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "schema/error.hpp"
#include "store/file_calls.hpp"
#include "store/journal_folder.hpp"
#include "store/journal_format.hpp"

namespace weir::store {

// Nothing if the file does not begin with a sound header. Errors: io (not a file that can be read).
schema::Result<std::optional<SegmentHeader>> read_segment_header(const std::filesystem::path& path,
                                                                 const FileCalls& calls);

// Where a disk did not give a segment's bytes.
struct UnreadableBytes {
  std::uint64_t offset = 0;
  std::string why;
};

// Reads a segment into `bytes`, at most kMaxSegmentBytes of it. Blocks that the disk cannot read
// are filled with bytes that are no entry, and the first of them is told. Errors: io (cannot be
// opened).
schema::Result<std::optional<UnreadableBytes>> load_segment(const SegmentFile& segment,
                                                            const FileCalls& calls,
                                                            std::vector<char>& bytes);

}  // namespace weir::store
