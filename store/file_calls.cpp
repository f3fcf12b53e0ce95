#include "store/file_calls.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace weir::store {

using schema::Error;
using schema::ErrorCode;
using schema::Result;

Result<OpenFile> OpenFile::open(const FileCalls& calls, const std::filesystem::path& path,
                                int flags, mode_t mode) {
  const int descriptor = calls.open(path.c_str(), flags | O_CLOEXEC, mode);
  if (descriptor < 0) {
    return tl::unexpected<Error>(file_error("cannot open " + path.string(), errno));
  }
  return OpenFile{descriptor};
}

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Error file_error(const std::string& what, int code) {
  const bool full = code == ENOSPC || code == EDQUOT || code == EMFILE || code == ENFILE;
  return {full ? ErrorCode::no_space : ErrorCode::io,
          what + ": " + std::generic_category().message(code)};
}

Error sync_error(const std::string& what, int code) {
  return {ErrorCode::io, file_error(what, code).detail};
}

Result<void> write_at(const FileCalls& calls, const OpenFile& file, std::uint64_t offset,
                      std::string_view& bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written =
        calls.pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      // A write of nothing without a reason would otherwise be tried forever.
      return tl::unexpected<Error>(
          file_error("cannot write " + path.string(), written < 0 ? errno : EIO));
    }
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<OpenFile> open_folder(const FileCalls& calls, const std::filesystem::path& folder) {
  return OpenFile::open(calls, folder, O_RDONLY | O_DIRECTORY);
}

Result<void> sync_folder(const FileCalls& calls, const OpenFile& opened,
                         const std::filesystem::path& folder) {
  if (calls.fsync(opened.descriptor()) == 0) return {};
  return tl::unexpected<Error>(sync_error("cannot sync " + folder.string(), errno));
}

Result<void> sync_folder(const FileCalls& calls, const std::filesystem::path& folder) {
  const auto opened = open_folder(calls, folder);
  if (!opened) return schema::fail(ErrorCode::io, opened.error().detail);
  return sync_folder(calls, *opened, folder);
}

}  // namespace weir::store
