#include "tools/line_input.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weir::tools {
namespace {

// A file in the temporary folder that goes with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    const int file = mkstemp(path_.data());
    REQUIRE(file >= 0);
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(file);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/weir-line-input-XXXXXX";
};

// What LineInput watches in order to stop.
class Bell {
 public:
  explicit Bell(unsigned rung = 0) : file_(eventfd(rung, 0)) {}
  ~Bell() { ::close(file_); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  int file() const { return file_; }

 private:
  int file_;
};

std::vector<std::string> lines_of(std::string_view text, std::size_t line_bytes = 100) {
  const TemporaryFile file{text};
  const Bell bell;
  LineInput input{file.path(), bell.file(), line_bytes};
  std::vector<std::string> lines;
  std::string_view line;
  for (;;) {
    switch (input.next(line)) {
      case LineInput::Kind::line:
        lines.emplace_back(line);
        break;
      case LineInput::Kind::too_long:
        lines.emplace_back("<too long>");
        break;
      default:
        CHECK(input.number() == lines.size());
        return lines;
    }
  }
}

using Lines = std::vector<std::string>;

TEST_CASE("lines come without their ends, the last with or without one", "[tools][line_input]") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\nb\n") == Lines{"a", "b"});
  CHECK(lines_of("a\nb") == Lines{"a", "b"});
  CHECK(lines_of("\n\na\n") == Lines{"", "", "a"});
  CHECK(lines_of({"a\0b\n", 4}) == Lines{std::string{"a\0b", 3}});
}

TEST_CASE("a line of the limit is read, one byte more is skipped", "[tools][line_input]") {
  CHECK(lines_of("12345\n123456\nabc\n", 5) == Lines{"12345", "<too long>", "abc"});
  CHECK(lines_of("123456", 5) == Lines{"<too long>"});
  CHECK(lines_of("12345", 5) == Lines{"12345"});
}

TEST_CASE("lines longer than a read come whole", "[tools][line_input]") {
  const std::string big(200'000, 'x');
  const std::string small(70'000, 'y');
  CHECK(lines_of(big + "\n" + small + "\nz", 200'000) == Lines{big, small, "z"});
  CHECK(lines_of(big + "\n" + small + "\nz", 100'000) == Lines{"<too long>", small, "z"});
  CHECK(lines_of(big, 100'000) == Lines{"<too long>"});
}

TEST_CASE("a pipe gives a line as soon as it is there", "[tools][line_input]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const Bell bell;
  LineInput input{"/dev/fd/" + std::to_string(ends[0]), bell.file()};
  std::string_view line;
  REQUIRE(::write(ends[1], "one\ntw", 6) == 6);
  CHECK(input.next(line) == LineInput::Kind::line);
  CHECK(line == "one");
  REQUIRE(::write(ends[1], "o\n", 2) == 2);
  CHECK(input.next(line) == LineInput::Kind::line);
  CHECK(line == "two");
  CHECK(input.percent() == -1);
  ::close(ends[1]);
  CHECK(input.next(line) == LineInput::Kind::end);
  ::close(ends[0]);
}

TEST_CASE("a wait for input ends when the user stops", "[tools][line_input]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const Bell bell{1};
  LineInput input{"/dev/fd/" + std::to_string(ends[0]), bell.file()};
  std::string_view line;
  CHECK(input.next(line) == LineInput::Kind::stopped);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("stopped input says whether more of it had come", "[tools][line_input]") {
  const Bell bell{1};
  std::string_view line;
  for (const auto& [text, more] : {std::pair{"", false}, {"half", true}, {"whole\n", true}}) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    REQUIRE(::write(ends[1], text, std::strlen(text)) == static_cast<ssize_t>(std::strlen(text)));
    LineInput input{"/dev/fd/" + std::to_string(ends[0]), bell.file()};
    CHECK(input.next(line) == LineInput::Kind::stopped);
    CHECK(input.has_more() == more);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  const TemporaryFile file{"a\n"};
  LineInput unread{file.path(), bell.file()};
  CHECK(unread.next(line) == LineInput::Kind::stopped);
  CHECK(unread.has_more());
  const TemporaryFile empty{""};
  LineInput nothing{empty.path(), bell.file()};
  CHECK(nothing.next(line) == LineInput::Kind::stopped);
  CHECK_FALSE(nothing.has_more());
}

TEST_CASE("a file says how much of it has been read", "[tools][line_input]") {
  const TemporaryFile file{"a\nb\n"};
  const Bell bell;
  LineInput input{file.path(), bell.file()};
  CHECK(input.percent() == 0);
  std::string_view line;
  input.next(line);
  CHECK(input.percent() == 100);
}

TEST_CASE("a file that cannot be read is named", "[tools][line_input]") {
  const Bell bell;
  CHECK_THROWS_WITH((LineInput{"/nonexistent/x", bell.file()}), Catch::Contains("/nonexistent/x"));
  CHECK_THROWS_WITH((LineInput{"/tmp", bell.file()}), Catch::Contains("/tmp"));
}

}  // namespace
}  // namespace weir::tools
