#include "store/lock.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace weir::store {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

std::string words_of(int code) { return std::generic_category().message(code); }

std::string holder_of(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  if (size <= 0) return "unknown";
  const std::string line{text.data(), static_cast<std::size_t>(size)};
  return line.substr(0, line.find('\n'));
}

Result<std::filesystem::path> resolved(const std::filesystem::path& path) {
  std::error_code unresolved;
  auto real = std::filesystem::weakly_canonical(path, unresolved);
  if (unresolved) return fail(ErrorCode::io, path.string() + ": " + unresolved.message());
  return real;
}

std::optional<std::string> holder_at(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT
  if (descriptor < 0) return std::nullopt;
  std::optional<std::string> holder;
  if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    holder = holder_of(descriptor);
  }
  ::close(descriptor);
  return holder;
}

}  // namespace

Result<StoreLock> StoreLock::acquire(const std::filesystem::path& database) {
  if (database.empty()) {
    return fail(ErrorCode::invalid_setting, "the database has no file name");
  }
  auto path = resolved(database);
  if (!path) return fail(path.error().code, path.error().detail);
  *path += ".lock";
  return hold(*path, database.string() + " is being written", "give another file with --db");
}

Result<StoreLock> StoreLock::acquire_folder(const std::filesystem::path& folder) {
  if (folder.empty()) return fail(ErrorCode::invalid_setting, "the data folder has no name");
  const auto path = resolved(folder);
  if (!path) return fail(path.error().code, path.error().detail);
  return hold(*path / "lock", folder.string() + " is used", "give another folder with --data");
}

std::optional<std::string> StoreLock::holder(const std::filesystem::path& database) {
  auto path = resolved(database);
  return path ? holder_at(*path += ".lock") : std::nullopt;
}

std::optional<std::string> StoreLock::folder_holder(const std::filesystem::path& folder) {
  const auto path = resolved(folder);
  return path ? holder_at(*path / "lock") : std::nullopt;
}

Result<StoreLock> StoreLock::hold(const std::filesystem::path& path, const std::string& in_use,
                                  const std::string& advice) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): how the mode of a new file is given
  StoreLock lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
  if (lock.descriptor_ < 0) {
    return fail(ErrorCode::io, "cannot create " + path.string() + ": " + words_of(errno));
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    if (code != EWOULDBLOCK) {
      return fail(ErrorCode::io, "cannot lock " + path.string() + ": " + words_of(code));
    }
    return fail(ErrorCode::locked, in_use + " by another weir (pid " + holder_of(lock.descriptor_) +
                                       ", lock " + path.string() + "); stop it, or " + advice);
  }
  // The pid is for people only: a disk too full for it does not matter.
  const std::string pid = std::to_string(::getpid()) + "\n";
  const bool noted = ::ftruncate(lock.descriptor_, 0) == 0 &&
                     ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) > 0;
  static_cast<void>(noted);
  return lock;
}

StoreLock::~StoreLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace weir::store
