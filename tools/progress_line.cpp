#include "tools/progress_line.hpp"

#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

constexpr std::chrono::seconds kOnTerminal{1};
constexpr std::chrono::seconds kElsewhere{5};

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      next_(Clock::now() + (terminal_ ? kOnTerminal : kElsewhere)) {}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) std::cerr << "\r\x1b[K" << std::flush;
}

bool ProgressLine::due() const { return !quiet_ && Clock::now() >= next_; }

void ProgressLine::show(std::string_view text) {
  next_ = Clock::now() + (terminal_ ? kOnTerminal : kElsewhere);
  shown_ = true;
  if (terminal_) {
    std::cerr << '\r' << cut(text, terminal_columns() - 1) << "\x1b[K" << std::flush;
  } else {
    std::cerr << text << '\n';
  }
}

}  // namespace weir::tools
