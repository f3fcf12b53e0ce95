#pragma once

#include <csignal>
#include <optional>

namespace weir::tools {

// Turns SIGINT, SIGTERM and SIGHUP (and SIGWINCH, if asked for) into something to poll for, and
// ignores SIGPIPE, for as long as it lives. Make it before any thread. Throws std::system_error.
class StopSignals {
 public:
  enum class With { stop_only, window_changes };

  explicit StopSignals(With with = With::stop_only);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  StopSignals(StopSignals&&) = delete;
  StopSignals& operator=(StopSignals&&) = delete;

  // Readable when a signal came.
  int file() const { return file_; }
  // The next signal that came, if any.
  std::optional<int> take();
  // Takes all that came; true if one of them asks to stop.
  bool stop_requested();

 private:
  int file_ = -1;
  bool stop_ = false;
  sigset_t previous_{};
  struct sigaction previous_pipe_ {};
};

}  // namespace weir::tools
