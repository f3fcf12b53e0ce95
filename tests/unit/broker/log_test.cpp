#include "broker/log.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <regex>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace std::chrono_literals;
using weir::broker::log_enabled;
using weir::broker::log_event;
using weir::broker::log_line;
using weir::broker::LogLevel;
using weir::broker::WarningLimit;

namespace {

// What a piece of code writes to file descriptor 2.
std::string stderr_of(const std::function<void()>& code) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  REQUIRE(std::fflush(stderr) == 0);
  const int saved = ::dup(STDERR_FILENO);
  REQUIRE(saved >= 0);
  REQUIRE(::dup2(::fileno(file), STDERR_FILENO) == STDERR_FILENO);
  code();
  REQUIRE(std::fflush(stderr) == 0);
  REQUIRE(::dup2(saved, STDERR_FILENO) == STDERR_FILENO);
  REQUIRE(::close(saved) == 0);
  std::rewind(file);
  std::string text(65'536, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  REQUIRE(std::fclose(file) == 0);
  return text;
}

std::string logged_at(const std::string& level) {
  return stderr_of([&] {
    weir::broker::start_log({level});
    log_event(LogLevel::debug, "d");
    log_event(LogLevel::info, "i");
    log_event(LogLevel::warn, "w_" + level);
    log_event(LogLevel::error, "e");
    weir::broker::stop_log();
  });
}

}  // namespace

TEST_CASE("a log line is event and key=value pairs", "[broker][log]") {
  CHECK(log_line("started", {}) == "event=started");
  CHECK(log_line("run_started", {{"run", "7"},
                                 {"rows", std::size_t{3}},
                                 {"delta", -2},
                                 {"ratio", 0.5},
                                 {"final", true}}) ==
        "event=run_started run=7 rows=3 delta=-2 ratio=0.5 final=true");
}

TEST_CASE("log values that could be misread are quoted and escaped", "[broker][log]") {
  const std::string text = "a b";
  CHECK(log_line("e", {{"v", text}}) == "event=e v=\"a b\"");
  CHECK(log_line("e", {{"v", ""}}) == "event=e v=\"\"");
  CHECK(log_line("e", {{"v", "a=b"}}) == "event=e v=\"a=b\"");
  CHECK(log_line("e", {{"v", "1\nlevel=error event=fake"}}) ==
        R"(event=e v="1\nlevel=error event=fake")");
  CHECK(log_line("e", {{"v", "\x1b[2J"}}) == R"(event=e v="\u001b[2J")");
  CHECK(log_line("e", {{"v", "tcp://127.0.0.1:7071"}}) == "event=e v=tcp://127.0.0.1:7071");
}

TEST_CASE("a level shows itself and what is more urgent", "[broker][log]") {
  const auto count = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  CHECK(logged_at("off").empty());
  CHECK(count(logged_at("error")) == 1);
  CHECK(count(logged_at("warn")) == 2);
  CHECK(count(logged_at("info")) == 3);
  CHECK(count(logged_at("debug")) == 4);
}

TEST_CASE("lines go to stderr with UTC time and level first", "[broker][log]") {
  const std::string text = stderr_of([] {
    weir::broker::start_log({"info"});
    log_event(LogLevel::error, "store_error", {{"what", "disk full"}});
    weir::broker::stop_log();
  });
  INFO(text);
  CHECK(std::regex_match(text,
                         std::regex{R"(time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z level=error )"
                                    R"(event=store_error what="disk full"\n)"}));
}

TEST_CASE("nothing is logged before the log starts and after it stops", "[broker][log]") {
  CHECK_FALSE(log_enabled(LogLevel::error));
  CHECK(stderr_of([] { log_event(LogLevel::error, "unheard"); }).empty());
  weir::broker::start_log({"warn"});
  CHECK(log_enabled(LogLevel::warn));
  CHECK_FALSE(log_enabled(LogLevel::info));
  weir::broker::stop_log();
  CHECK_FALSE(log_enabled(LogLevel::error));
}

TEST_CASE("a warning is let through once a second and says what was left out", "[broker][log]") {
  WarningLimit limit;
  const WarningLimit::Clock::time_point start{};
  CHECK(limit.admit("a", start) == 0);
  CHECK(limit.admit("a", start) == std::nullopt);
  CHECK(limit.admit("a", start + 999ms) == std::nullopt);
  CHECK(limit.admit("b", start + 999ms) == 0);
  CHECK(limit.admit("a", start + 1s) == 2);
  CHECK(limit.admit("a", start + 1'500ms) == std::nullopt);
  CHECK(limit.admit("a", start + 9s) == 1);
  CHECK(limit.admit("a", start + 20s) == 0);
}

TEST_CASE("a flood of one warning is one line, errors are all written", "[broker][log]") {
  const std::string text = stderr_of([] {
    weir::broker::start_log({"info"});
    for (int i = 0; i < 100; ++i) log_event(LogLevel::warn, "flood");
    for (int i = 0; i < 3; ++i) log_event(LogLevel::error, "bad");
    weir::broker::stop_log();
  });
  const auto count = [&text](const std::string& word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
  };
  CHECK(count("event=bad") == 3);
  // Two only if a second passed meanwhile.
  CHECK(count("event=flood") >= 1);
  CHECK(count("event=flood") <= 2);
}
