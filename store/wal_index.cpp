#include "store/wal_index.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/file_calls.hpp"

namespace weir::store {

using schema::Result;

namespace {

// A part of the index serves 4,096 pages of the log. https://www.sqlite.org/walformat.html
constexpr std::uint64_t kPartBytes = std::uint64_t{32} << 10;
constexpr std::uint64_t kLogBytesPerPart = std::uint64_t{16} << 20;
// For what a transaction adds to the log: half a gigabyte.
constexpr std::uint64_t kAheadBytes = std::uint64_t{1} << 20;

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
}

// -1 if it has none. Our own would do harm: when it is closed, the system gives up all locks that
// this process has on the file.
int sqlites_descriptor_of(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  std::error_code ended;
  for (fs::directory_iterator each{"/proc/self/fd", ended};
       !ended && each != fs::directory_iterator{}; each.increment(ended)) {
    if (!fs::equivalent(each->path(), path, unknown)) continue;
    return std::stoi(each->path().filename().string());
  }
  return -1;
}

}  // namespace

Result<void> WalIndex::check_room() const {
  struct statvfs disk {};
  // What is wrong with the folder is said when the file is opened.
  if (statvfs(folder_of(database_).c_str(), &disk) != 0) return {};
  const auto page_bytes = static_cast<unsigned long>(sysconf(_SC_PAGESIZE));
  if (disk.f_frsize >= page_bytes || disk.f_bavail * disk.f_frsize >= kAheadBytes) return {};
  return schema::fail(schema::ErrorCode::no_space,
                      database_.string() + ": the disk is full: at least " +
                          std::to_string(kAheadBytes) + " bytes are needed to open it");
}

Result<void> WalIndex::reserve(std::uint64_t log_bytes) {
  const std::uint64_t wanted = log_bytes / kLogBytesPerPart * kPartBytes + kAheadBytes;
  if (wanted <= reserved_bytes_) return {};
  const std::filesystem::path path = database_.string() + "-shm";
  const int descriptor = sqlites_descriptor_of(path);
  if (descriptor < 0) return {};
  int code = EINTR;
  while (code == EINTR) {
    // The size stays: SQLite takes it for how much of the index there is.
    const bool done =
        fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(wanted)) == 0;
    code = done ? 0 : errno;
  }
  if (code != 0 && code != EOPNOTSUPP) {
    return tl::make_unexpected(file_error("cannot reserve room for " + path.string(), code));
  }
  reserved_bytes_ = wanted;
  return {};
}

}  // namespace weir::store
