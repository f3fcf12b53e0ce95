#pragma once

#include <string_view>

namespace weir::tools {

// Writes lines to a file as they come, unbuffered. A reader that has gone away (EPIPE) is an end,
// not an error; a reader that does not read does not keep the user from stopping.
class LineOutput {
 public:
  // Writes to `file`; gives up as soon as `stop_file` is readable. Owns neither.
  LineOutput(int file, int stop_file) : file_(file), stop_file_(stop_file) {}

  // Writes the text and a line end, unless it ends in one. False if the reader is gone or the user
  // stopped. Throws std::system_error on any other error.
  bool write_line(std::string_view text);

 private:
  bool write_all(std::string_view text);

  int file_;
  int stop_file_;
};

}  // namespace weir::tools
