#include "store/journal_segment.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>

#include "store/failpoint.hpp"
#include "store/journal_folder.hpp"

namespace weir::store {

namespace fs = std::filesystem;
using schema::Error;
using schema::ErrorCode;
using schema::Result;

namespace {

// So much of a segment stays in the page cache, at most.
constexpr std::uint64_t kCachedBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kPageBytes = std::uint64_t{4} << 10;

}  // namespace

Result<JournalSegment> JournalSegment::create(const FileCalls& calls, const fs::path& folder,
                                              const SegmentHeader& header,
                                              std::uint64_t capacity_bytes) {
  const fs::path path = segment_path(folder, header.first_position);
  const fs::path unfinished = unfinished_path(path);
  std::error_code unknown;
  if (fs::exists(fs::symlink_status(path, unknown))) {
    // rename() would replace it.
    return schema::fail(ErrorCode::io, path.string() + " is there already");
  }
  const auto around = open_folder(calls, folder);
  if (!around) return tl::unexpected<Error>(around.error());
  auto file = OpenFile::open(calls, unfinished, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (!file) return tl::unexpected<Error>(file.error());
  JournalSegment segment{calls, std::move(*file), unfinished, header.first_position};
  Result<void> made = segment.prepare(header, capacity_bytes);
  if (made && calls.rename(unfinished.c_str(), path.c_str()) != 0) {
    made = tl::unexpected<Error>(file_error("cannot create " + path.string(), errno));
  }
  if (!made) {
    calls.unlink(unfinished.c_str());
    return tl::unexpected<Error>(made.error());
  }
  segment.path_ = path;
  const auto named = sync_folder(calls, *around, folder);
  if (!named) return tl::unexpected<Error>(named.error());
  failpoint(Failpoint::segment_created);
  return segment;
}

Result<void> JournalSegment::prepare(const SegmentHeader& header, std::uint64_t capacity_bytes) {
  int code = EINTR;
  while (code == EINTR) {
    code = calls_->allocate(file_.descriptor(), 0, static_cast<off_t>(capacity_bytes));
  }
  if (code != 0) {
    return tl::unexpected<Error>(file_error(
        "cannot reserve " + std::to_string(capacity_bytes) + " bytes for " + path_.string(), code));
  }
  size_ = capacity_bytes;
  const std::string bytes = encode_segment_header(header);
  std::string_view rest = bytes;
  auto written = write(rest);
  if (!written) return written;
  if (calls_->fsync(file_.descriptor()) != 0) {
    return tl::unexpected<Error>(sync_error("cannot sync " + path_.string(), errno));
  }
  return {};
}

Result<void> JournalSegment::write(std::string_view& bytes) {
  const std::size_t before = bytes.size();
  auto written = write_at(*calls_, file_, used_, bytes, path_);
  used_ += before - bytes.size();
  size_ = std::max(size_, used_);
  return written;
}

Result<void> JournalSegment::sync() {
  if (calls_->fdatasync(file_.descriptor()) == 0) {
    leave_page_cache();
    return {};
  }
  return tl::unexpected<Error>(sync_error("cannot sync " + path_.string(), errno));
}

// What is on the disk is read after a crash only. Its pages are taken again for what comes next,
// which spares the kernel new ones and leaves the cache to the database.
void JournalSegment::leave_page_cache() {
  if (used_ - uncached_ < kCachedBytes) return;
  const std::uint64_t whole_pages = used_ / kPageBytes * kPageBytes;
  posix_fadvise(file_.descriptor(), static_cast<off_t>(uncached_),
                static_cast<off_t>(whole_pages - uncached_), POSIX_FADV_DONTNEED);
  uncached_ = whole_pages;
}

Result<void> JournalSegment::trim() {
  if (calls_->ftruncate(file_.descriptor(), static_cast<off_t>(used_)) != 0) {
    const Error error = file_error("cannot truncate " + path_.string(), errno);
    // Zeros behind the last record do no harm.
    if (error.code == ErrorCode::no_space) return {};
    return tl::unexpected<Error>(error);
  }
  size_ = used_;
  return {};
}

}  // namespace weir::store
