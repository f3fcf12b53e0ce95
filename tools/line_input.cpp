#include "tools/line_input.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::tools {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

LineInput::LineInput(const std::string& path, int stop_file, std::size_t line_bytes)
    : file_(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      stop_file_(stop_file),
      line_bytes_(line_bytes) {
  if (file_ < 0) fail(path);
  struct stat status {};
  if (fstat(file_, &status) == 0 && S_ISREG(status.st_mode)) size_ = status.st_size;
  if (S_ISDIR(status.st_mode)) {
    ::close(file_);
    errno = EISDIR;
    fail(path);
  }
}

LineInput::~LineInput() { ::close(file_); }

int LineInput::percent() const {
  if (size_ <= 0) return -1;
  return static_cast<int>(std::min(read_, size_) * 100 / size_);
}

// False if the user stopped.
bool LineInput::wait_for_input() {
  std::array<pollfd, 2> files{pollfd{file_, POLLIN, 0}, pollfd{stop_file_, POLLIN, 0}};
  while (poll(files.data(), files.size(), -1) < 0) {
    if (errno != EINTR) fail("input");
  }
  // A regular file is always readable, at its end too.
  has_more_ = size_ >= 0 ? read_ < size_ : (files[0].revents & POLLIN) != 0;
  return files[1].revents == 0;
}

bool LineInput::fill() {
  // What is left moves to the front, so that the buffer holds one line and one read.
  buffer_.erase(0, start_);
  start_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kReadBytes);
  ssize_t count = 0;
  do {
    count = ::read(file_, buffer_.data() + held, kReadBytes);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) fail("input");
  read_ += count;
  return count > 0;
}

LineInput::Kind LineInput::next(std::string_view& line) {
  bool too_long = false;
  std::size_t searched = start_;
  for (;;) {
    const std::size_t line_end = buffer_.find('\n', searched);
    const bool found = line_end != std::string::npos;
    if (found || (end_ && start_ < buffer_.size())) {
      const std::size_t stop = found ? line_end : buffer_.size();
      line = std::string_view{buffer_}.substr(start_, stop - start_);
      start_ = found ? stop + 1 : stop;
      ++number_;
      return too_long || line.size() > line_bytes_ ? Kind::too_long : Kind::line;
    }
    if (end_) {
      if (!too_long) return Kind::end;
      ++number_;
      return Kind::too_long;
    }
    if (buffer_.size() - start_ > line_bytes_) {
      too_long = true;
      start_ = buffer_.size();
    }
    if (!wait_for_input()) {
      has_more_ = has_more_ || too_long || start_ < buffer_.size();
      return Kind::stopped;
    }
    searched = buffer_.size() - start_;
    end_ = !fill();
  }
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace weir::tools
