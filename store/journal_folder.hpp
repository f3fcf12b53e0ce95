#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "schema/error.hpp"

namespace weir::store {

// A journal segment as a file: journal-<first position, 20 digits>.log
struct SegmentFile {
  std::filesystem::path path;
  std::uint64_t first_position = 0;
  std::uint64_t size_bytes = 0;
};

// What a data folder holds of a journal, each list by first position. Other files, and anything
// that is not a regular file, are not looked at.
struct JournalFolder {
  std::vector<SegmentFile> segments;
  std::vector<SegmentFile> set_aside;   // <segment>.damaged
  std::vector<SegmentFile> unfinished;  // <segment>.new: the process ended while it made it
};

// A folder that is not there is empty. Errors: io.
schema::Result<JournalFolder> list_journal_folder(const std::filesystem::path& folder);
// Its segments.
schema::Result<std::vector<SegmentFile>> list_segments(const std::filesystem::path& folder);

std::filesystem::path segment_path(const std::filesystem::path& folder,
                                   std::uint64_t first_position);
std::filesystem::path set_aside_path(const std::filesystem::path& segment);
std::filesystem::path unfinished_path(const std::filesystem::path& segment);

}  // namespace weir::store
