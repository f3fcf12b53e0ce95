#include "tools/line_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace weir::tools {

bool LineOutput::write_line(std::string_view text) {
  if (!write_all(text)) return false;
  return text.ends_with('\n') || write_all("\n");
}

bool LineOutput::write_all(std::string_view text) {
  while (!text.empty()) {
    std::array<pollfd, 2> files{pollfd{file_, POLLOUT, 0}, pollfd{stop_file_, POLLIN, 0}};
    if (poll(files.data(), files.size(), -1) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "output");
    }
    if (files[1].revents != 0) return false;
    if (files[0].revents == 0) continue;
    // A pipe that polls as writable takes this much without blocking.
    const std::size_t size = std::min<std::size_t>(text.size(), PIPE_BUF);
    const ssize_t written = write(file_, text.data(), size);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR && errno != EAGAIN) {
      throw std::system_error(errno, std::generic_category(), "output");
    }
  }
  return true;
}

}  // namespace weir::tools
