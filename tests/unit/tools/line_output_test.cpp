#include "tools/line_output.hpp"

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tools/stop_signals.hpp"

namespace weir::tools {
namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe(ends.data()) == 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  Pipe(Pipe&&) = delete;
  Pipe& operator=(Pipe&&) = delete;
  void close_reader() { close_end(0); }
  void close_writer() { close_end(1); }
  void close_end(std::size_t end) {
    if (ends.at(end) >= 0) close(ends.at(end));
    ends.at(end) = -1;
  }
  int reader() const { return ends[0]; }
  int writer() const { return ends[1]; }
  std::string read_all() const {
    std::string out;
    std::array<char, 4096> buffer{};
    ssize_t size = 0;
    while ((size = read(reader(), buffer.data(), buffer.size())) > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return out;
  }
  std::array<int, 2> ends{-1, -1};
};

}  // namespace

TEST_CASE("lines are written as they come, each with one line end", "[tools][line_output]") {
  Pipe out;
  const Pipe stop;
  LineOutput output{out.writer(), stop.reader()};
  CHECK(output.write_line("{\"a\":1}"));
  CHECK(output.write_line("two\n"));
  CHECK(output.write_line(""));
  out.close_writer();
  CHECK(out.read_all() == "{\"a\":1}\ntwo\n\n");
}

TEST_CASE("a line longer than a pipe holds arrives whole", "[tools][line_output]") {
  Pipe out;
  const Pipe stop;
  const std::string line(1'000'000, 'x');
  std::string read;
  std::thread reader{[&] { read = out.read_all(); }};
  const bool written = LineOutput{out.writer(), stop.reader()}.write_line(line);
  out.close_writer();
  reader.join();
  CHECK(written);
  CHECK(read == line + "\n");
}

TEST_CASE("a reader that has gone away ends the output", "[tools][line_output]") {
  const StopSignals ignores_sigpipe;
  Pipe out;
  const Pipe stop;
  out.close_reader();
  CHECK_FALSE(LineOutput{out.writer(), stop.reader()}.write_line("x"));
}

TEST_CASE("the user can stop while nobody reads", "[tools][line_output]") {
  const Pipe out;
  const Pipe stop;
  std::thread user{[&] {
    // Whenever this comes, before or while the writer waits, it ends the wait.
    const ssize_t size = write(stop.writer(), "x", 1);
    (void)size;
  }};
  const bool written =
      LineOutput{out.writer(), stop.reader()}.write_line(std::string(1 << 20, 'x'));
  user.join();
  CHECK_FALSE(written);
}

TEST_CASE("signals that ask to stop can be polled for", "[tools][stop_signals]") {
  StopSignals signals{StopSignals::With::window_changes};
  CHECK_FALSE(signals.take());
  CHECK_FALSE(signals.stop_requested());
  raise(SIGWINCH);
  CHECK(signals.take() == SIGWINCH);
  CHECK_FALSE(signals.stop_requested());
  raise(SIGTERM);
  CHECK(signals.stop_requested());
  CHECK(signals.stop_requested());
}

}  // namespace weir::tools
