#pragma once

namespace weir::broker {

// Wakes a thread that polls file descriptors (an eventfd). Ringing twice before a look is one
// ring. Any thread may ring.
class Bell {
 public:
  // Throws std::system_error when the process has no file descriptor left.
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  void ring();
  // Whether it was rung since the last call.
  bool was_rung();
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace weir::broker
