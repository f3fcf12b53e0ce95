#include "broker/private_file.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::broker {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

constexpr mode_t kOwnerOnly = 0600;

std::string words_of(int code) { return std::generic_category().message(code); }

// A file descriptor and its end.
class File {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): how the mode of a new file is given
  File(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags, kOwnerOnly)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> cannot(const std::string& what, const std::filesystem::path& path, int code) {
  return fail(ErrorCode::io, "cannot " + what + " " + path.string() + ": " + words_of(code));
}

std::string trouble_with(const struct stat& found, KeptFrom others) {
  if (!S_ISREG(found.st_mode)) return "is not a file";
  if (others == KeptFrom::readers && (found.st_mode & 0077U) != 0) {
    return "can be read or written by others; chmod 600 it";
  }
  if ((found.st_mode & 0022U) != 0) return "can be written by others; chmod go-w it";
  if (found.st_uid != ::geteuid() && found.st_uid != 0) return "belongs to another user";
  return {};
}

}  // namespace

Result<std::string> read_private_file(const std::filesystem::path& path, KeptFrom others) {
  // Without O_NONBLOCK a FIFO in its place would wait for a writer.
  const File file{path, O_RDONLY | O_CLOEXEC | O_NONBLOCK};
  if (!file.is_open()) {
    const int code = errno;
    return fail(code == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                path.string() + ": " + words_of(code));
  }
  struct stat found {};
  if (::fstat(file.fd(), &found) != 0) return fail(ErrorCode::io, path.string() + ": no status");
  if (const std::string trouble = trouble_with(found, others); !trouble.empty()) {
    return fail(ErrorCode::io, path.string() + " " + trouble);
  }
  std::string text(kMaxPrivateFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::io, path.string() + ": " + words_of(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxPrivateFileBytes)
    return fail(ErrorCode::too_large, path.string() + ": over 1 MiB");
  text.resize(size);
  return text;
}

Result<void> write_private_file(const std::filesystem::path& path, std::string_view text,
                                bool replace) {
  auto beside = path;
  beside += ".new-" + std::to_string(::getpid());
  ::unlink(beside.c_str());  // of a process that died and had this number
  {
    const File file{beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC};
    if (!file.is_open()) return cannot("write", beside, errno);
    if (!write_all(file.fd(), text) || ::fsync(file.fd()) != 0) {
      const int code = errno;
      ::unlink(beside.c_str());
      return cannot("write", beside, code);
    }
  }
  // link() refuses what is there; rename() replaces it.
  const int placed =
      replace ? ::rename(beside.c_str(), path.c_str()) : ::link(beside.c_str(), path.c_str());
  const int code = errno;
  if (placed != 0 || !replace) ::unlink(beside.c_str());
  if (placed != 0) {
    if (code == EEXIST) return fail(ErrorCode::locked, path.string() + " is there already");
    return cannot("make", path, code);
  }
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const File entry{folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC};
  if (!entry.is_open() || ::fsync(entry.fd()) != 0) return cannot("write", folder, errno);
  return {};
}

std::string_view take_field(std::string_view& text, char separator) {
  const std::string_view front = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), front.size() + 1));
  return front;
}

FileChange::FileChange(const std::filesystem::path& path) {
  const std::string lock = path.string() + ".lock";
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): how the mode of a new file is given
  descriptor_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor_ < 0) throw std::runtime_error("cannot make " + lock + ": " + words_of(errno));
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int code = errno;
    ::close(descriptor_);
    throw std::runtime_error("cannot lock " + lock + ": " + words_of(code));
  }
}

FileChange::~FileChange() { ::close(descriptor_); }

FileWatch::FileWatch(std::filesystem::path path)
    : path_(std::move(path)), last_(look()), looked_(Clock::now()) {}

bool FileWatch::changed(Clock::time_point now) {
  if (now - looked_ < kLookEvery) return false;
  looked_ = now;
  const auto looks = look();
  if (!looks || looks == last_) return false;
  last_ = looks;
  return true;
}

std::optional<FileWatch::Looks> FileWatch::look() const {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return std::nullopt;
  return Looks{found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size),
               found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
}

}  // namespace weir::broker
