#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::tools {

// Reads lines from a file, a pipe or a terminal as they come, with a bound on their length. Used
// by one thread.
class LineInput {
 public:
  static constexpr std::size_t kLineBytes = std::size_t{16} << 20;  // what a frame may have

  enum class Kind : std::uint8_t {
    line,
    too_long,  // more than line_bytes; the line was skipped
    end,
    stopped,  // stop_file became readable while waiting for input
  };

  // Opens `path`, "-" for standard input. stop_file (not owned) ends a wait. Throws
  // std::system_error if the file cannot be read.
  LineInput(const std::string& path, int stop_file, std::size_t line_bytes = kLineBytes);
  ~LineInput();
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;

  // The next line without its line end, valid until the next call. Throws std::system_error.
  Kind next(std::string_view& line);
  // The number of that line, from 1.
  std::uint64_t number() const { return number_; }
  // How much of a regular file has been read, in percent; -1 for anything else.
  int percent() const;
  // After Kind::stopped: whether input that had come by then was not returned.
  bool has_more() const { return has_more_; }

 private:
  // False at the end of the input; throws when it cannot be read.
  bool fill();
  bool wait_for_input();

  int file_;
  int stop_file_;
  std::size_t line_bytes_;
  std::int64_t size_ = -1;
  std::int64_t read_ = 0;
  std::uint64_t number_ = 0;
  std::string buffer_;
  std::size_t start_ = 0;  // of what has not been returned
  bool end_ = false;
  bool has_more_ = false;
};

// Whether there is nothing in a line.
bool is_blank(std::string_view line);

}  // namespace weir::tools
