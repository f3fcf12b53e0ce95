#include "broker/bell.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace weir::broker {

Bell::Bell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Bell::~Bell() { close(fd_); }

void Bell::ring() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full: then it is ringing already.
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

bool Bell::was_rung() {
  std::uint64_t count = 0;
  return read(fd_, &count, sizeof count) == sizeof count;
}

}  // namespace weir::broker
