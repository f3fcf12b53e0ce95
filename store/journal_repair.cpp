#include "store/journal_repair.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "store/journal_folder.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;
using schema::Error;
using schema::Result;

// Gone already is as good.
Result<void> remove(const fs::path& path, const FileCalls& calls) {
  if (calls.unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return tl::unexpected<Error>(file_error("cannot remove " + path.string(), errno));
}

Result<void> rename_aside(const fs::path& path, const FileCalls& calls) {
  if (calls.rename(path.c_str(), set_aside_path(path).c_str()) == 0 || errno == ENOENT) return {};
  return tl::unexpected<Error>(file_error("cannot set aside " + path.string(), errno));
}

Result<void> cut(const fs::path& path, std::uint64_t bytes, const FileCalls& calls) {
  const auto file = OpenFile::open(calls, path, O_RDWR | O_NOFOLLOW);
  if (!file) return tl::unexpected<Error>(file.error());
  if (calls.ftruncate(file->descriptor(), static_cast<off_t>(bytes)) != 0) {
    return tl::unexpected<Error>(file_error("cannot truncate " + path.string(), errno));
  }
  if (calls.fsync(file->descriptor()) != 0) {
    return tl::unexpected<Error>(sync_error("cannot sync " + path.string(), errno));
  }
  return {};
}

Result<void> settle_tail(const JournalReport& report, const FileCalls& calls) {
  if (report.tail.empty()) return {};
  if (report.tail_records > 0) return cut(report.tail, report.tail_bytes, calls);
  const auto& damaged = report.damaged_segments;
  const bool is_damaged = std::find(damaged.begin(), damaged.end(), report.tail) != damaged.end();
  return is_damaged ? rename_aside(report.tail, calls) : remove(report.tail, calls);
}

}  // namespace

Result<void> truncate_torn(const fs::path& folder, const JournalReport& report,
                           const FileCalls& calls) {
  const auto found = list_journal_folder(folder);
  if (!found) return tl::unexpected<Error>(found.error());
  std::vector<fs::path> useless = report.leftovers;
  for (const SegmentFile& file : found->unfinished) useless.push_back(file.path);
  for (const fs::path& path : useless) {
    auto removed = remove(path, calls);
    if (!removed) return removed;
  }
  auto settled = settle_tail(report, calls);
  if (!settled) return settled;
  return sync_folder(calls, folder);
}

Result<void> set_aside(const fs::path& folder, const JournalReport& report,
                       const FileCalls& calls) {
  if (report.damaged_segments.empty()) return {};
  for (const fs::path& path : report.damaged_segments) {
    auto renamed = rename_aside(path, calls);
    if (!renamed) return renamed;
  }
  const auto found = list_journal_folder(folder);
  if (!found) return tl::unexpected<Error>(found.error());
  const std::size_t kept = found->set_aside.size();
  for (std::size_t i = 0; i + kMaxSetAside < kept; ++i) {
    auto removed = remove(found->set_aside[i].path, calls);
    if (!removed) return removed;
  }
  return sync_folder(calls, folder);
}

}  // namespace weir::store
