#include "tools/stop_signals.hpp"

#include <cerrno>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

namespace weir::tools {

StopSignals::StopSignals(With with) {
  sigset_t wanted{};
  sigemptyset(&wanted);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&wanted, number);
  if (with == With::window_changes) sigaddset(&wanted, SIGWINCH);
  file_ = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), "signals");
  pthread_sigmask(SIG_BLOCK, &wanted, &previous_);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &previous_pipe_);
}

StopSignals::~StopSignals() {
  sigaction(SIGPIPE, &previous_pipe_, nullptr);
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  close(file_);
}

std::optional<int> StopSignals::take() {
  signalfd_siginfo info{};
  if (read(file_, &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return std::nullopt;
  const int number = static_cast<int>(info.ssi_signo);
  if (number != SIGWINCH) stop_ = true;
  return number;
}

bool StopSignals::stop_requested() {
  while (take()) {
  }
  return stop_;
}

}  // namespace weir::tools
