#include "store/journal_owners.hpp"

#include <algorithm>
#include <system_error>

#include "store/file_calls.hpp"
#include "store/journal_folder.hpp"
#include "store/journal_load.hpp"

namespace weir::store {

using schema::Result;

Result<std::vector<JournalOwner>> journal_owners(const std::filesystem::path& folder) {
  const auto segments = list_segments(folder);
  if (!segments) return tl::make_unexpected(segments.error());
  std::vector<JournalOwner> owners;
  for (const SegmentFile& segment : *segments) {
    const auto header = read_segment_header(segment.path, {});
    if (!header || !*header) continue;
    auto owner = std::find_if(owners.begin(), owners.end(), [&](const JournalOwner& known) {
      return known.store_id == (*header)->store_id;
    });
    if (owner == owners.end()) {
      owners.push_back({(*header)->store_id, (*header)->store_name, {}});
      owner = owners.end() - 1;
    }
    owner->segments.push_back(segment.path);
  }
  return owners;
}

Result<void> put_away(const std::filesystem::path& folder,
                      const std::vector<std::filesystem::path>& segments,
                      const std::string& suffix) {
  for (const std::filesystem::path& path : segments) {
    std::error_code code;
    const std::string away = path.string() + "." + suffix;
    std::filesystem::rename(path, away, code);
    if (code) {
      return schema::fail(schema::ErrorCode::io,
                          "cannot rename " + path.string() + " to " + away + ": " + code.message());
    }
  }
  return sync_folder(FileCalls{}, folder);
}

}  // namespace weir::store
