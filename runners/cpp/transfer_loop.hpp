#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <curl/curl.h>

namespace weir::runners {

// libcurl's multi interface on epoll: runs any number of transfers in one thread, and wakes up at
// a wanted moment to within some tens of microseconds (a timerfd; epoll's own timeout is in whole
// milliseconds). Transfers never share a connection at the same time. Used by one thread.
class TransferLoop {
 public:
  using Clock = std::chrono::steady_clock;
  struct Finished {
    CURL* transfer;
    CURLcode code;
  };

  // Throws std::runtime_error if the system refuses a descriptor.
  explicit TransferLoop(std::size_t connections_max);
  ~TransferLoop();
  TransferLoop(const TransferLoop&) = delete;
  TransferLoop& operator=(const TransferLoop&) = delete;

  // Starts a transfer now: as far as it gets without waiting. The handle stays the caller's and
  // must outlive the transfer.
  void start(CURL* transfer);
  // The next transfer that is over, if there is one; it may be started again.
  std::optional<Finished> next_finished();
  // Ends a transfer that is not over.
  void cancel(CURL* transfer);
  // Moves transfers on until something happened or `until`, whichever is first. A signal also ends
  // the wait.
  void wait(Clock::time_point until);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::runners
