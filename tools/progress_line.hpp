#pragma once

#include <chrono>
#include <string_view>

namespace weir::tools {

// How far long work is, on stderr: on a terminal one line that is rewritten every second, else a
// line every five. Nothing at all when quiet.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  // Takes the line off the terminal, so that what follows starts on an empty one.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Whether it is time to show something.
  bool due() const;
  // REQUIRES: text is printable (tools/terminal_text.hpp) and one line.
  void show(std::string_view text);

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point next_;
};

}  // namespace weir::tools
