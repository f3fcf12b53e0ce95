#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "schema/error.hpp"

namespace weir::store {

// The calls by which the journal changes a disk, so that a test can make the n-th of them fail.
// By default those of the system; what they return and errno are the system's.
struct FileCalls {
  std::function<int(const char*, int, mode_t)> open = [](const char* path, int flags, mode_t mode) {
    return ::open(path, flags, mode);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  };
  std::function<ssize_t(int, void*, std::size_t, off_t)> pread = ::pread;
  std::function<ssize_t(int, const void*, std::size_t, off_t)> pwrite = ::pwrite;
  // Returns the error, as posix_fallocate does.
  std::function<int(int, off_t, off_t)> allocate = ::posix_fallocate;
  std::function<int(int)> fdatasync = ::fdatasync;
  std::function<int(int)> fsync = ::fsync;
  std::function<int(int, off_t)> ftruncate = ::ftruncate;
  std::function<int(const char*, const char*)> rename = ::rename;
  std::function<int(const char*)> unlink = ::unlink;
};

// A file descriptor with an owner.
class OpenFile {
 public:
  // Errors: no_space, io.
  static schema::Result<OpenFile> open(const FileCalls& calls, const std::filesystem::path& path,
                                       int flags, mode_t mode = 0);
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  int descriptor() const { return descriptor_; }

 private:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

// no_space for what may have room later (ENOSPC, EDQUOT, no free descriptors), io for all else;
// "<what>: <the system's words>".
schema::Error file_error(const std::string& what, int code);
// The same, but always io: after a failed sync nobody knows what is on the disk.
schema::Error sync_error(const std::string& what, int code);

// Writes `bytes` from `offset` on, in as many calls as it takes; `bytes` keeps what is not written.
schema::Result<void> write_at(const FileCalls& calls, const OpenFile& file, std::uint64_t offset,
                              std::string_view& bytes, const std::filesystem::path& path);
// To make names in it durable: opened before they change, so that what can fail then is a sync.
// Errors: no_space, io.
schema::Result<OpenFile> open_folder(const FileCalls& calls, const std::filesystem::path& folder);
// Errors: io.
schema::Result<void> sync_folder(const FileCalls& calls, const OpenFile& opened,
                                 const std::filesystem::path& folder);
// Both at once. Errors: io.
schema::Result<void> sync_folder(const FileCalls& calls, const std::filesystem::path& folder);

}  // namespace weir::store
