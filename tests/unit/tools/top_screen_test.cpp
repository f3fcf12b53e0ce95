#include "tools/top_screen.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/unit/tools/expected_screen.hpp"
#include "tests/unit/tools/sample_run.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

TopView view_of(const LiveRun& run) {
  TopView view;
  view.endpoint = "tcp://127.0.0.1:7073";
  view.run = &run;
  view.position = 2;
  view.runs = 2;
  view.feed_silent_s = 0.4;
  view.broker = BrokerHealth{};
  view.broker->rejected = 3;
  view.broker->missing = 12;
  return view;
}

std::string text(const TopView& view, ScreenSize size) {
  return to_text(top_screen(view, size), false);
}

std::string last_line(const std::string& screen) {
  const std::size_t end = screen.rfind('\n', screen.size() - 2);
  return screen.substr(end + 1);
}

bool has_style(const std::vector<StyledLine>& lines, const std::string& part, Style style) {
  for (const StyledLine& line : lines) {
    for (const Span& span : line) {
      if (span.style == style && span.text.find(part) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the screen of a run in 80 columns and 24 rows", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  CHECK(text(view_of(run), {80, 24}) == expected_screen("docs/top.txt"));
}

TEST_CASE("a larger screen shows more columns, labels and errors", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  CHECK(text(view_of(run), {120, 40}) ==
        expected_screen("tests/unit/tools/screens/top_120x40.txt"));
}

TEST_CASE("a small screen keeps what matters most", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  CHECK(text(view_of(run), {40, 10}) == expected_screen("tests/unit/tools/screens/top_40x10.txt"));
}

TEST_CASE("no screen is larger than its terminal, whatever the size", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  TopView idle;
  idle.endpoint = "tcp://127.0.0.1:7073";
  for (const TopView& view : {view_of(run), idle}) {
    for (std::size_t columns = 0; columns <= 100; ++columns) {
      for (std::size_t rows = 0; rows <= 30; ++rows) {
        const auto lines = top_screen(view, {columns, rows});
        if (columns > 0) REQUIRE(lines.size() == rows);
        for (const StyledLine& line : lines) REQUIRE(display_width(line) <= columns);
      }
    }
  }
}

TEST_CASE("a screen without a broker says where it waits", "[tools][top_screen]") {
  TopView view;
  view.endpoint = "tcp://127.0.0.1:7073";
  CHECK(text(view, {60, 6}) ==
        " weir top\n"
        "\n"
        "            waiting for tcp://127.0.0.1:7073 ...\n"
        "\n"
        "\n"
        "                                                      q quit\n");
}

TEST_CASE("a screen without a run says so", "[tools][top_screen]") {
  TopView view;
  view.feed_silent_s = 0.1;
  view.broker = BrokerHealth{};
  const std::string screen = text(view, {60, 6});
  CHECK_THAT(screen, Catch::Contains("no run yet"));
  CHECK_THAT(screen, Catch::Contains("rejected 0  late 0  missing 0  dropped 0"));
}

TEST_CASE("figures without data are shown as none", "[tools][top_screen]") {
  LiveRun run;
  run.summary.run_id = "empty";
  run.rates.emplace_back(std::nullopt);
  TopView view;
  view.run = &run;
  view.runs = 1;
  CHECK(text(view, {80, 7}) ==
        " empty  running  0:00                                               workers 0/0\n"
        "                hits   per s  failed      %  p50 ms  p95 ms  p99 ms  max ms\n"
        " all               0       -       0      -       -       -       -       -\n"
        "\n"
        " per s                                                          max 0\n"
        "\n"
        "                                                                          q quit\n");
}

TEST_CASE("silence of the broker and of the run is shown", "[tools][top_screen]") {
  LiveRun run = sample_run();
  TopView view = view_of(run);
  view.run_silent_s = 5.2;
  CHECK_THAT(last_line(text(view, {80, 24})), Catch::StartsWith(" no summary for 5 s "));
  view.feed_silent_s = 7.9;
  CHECK_THAT(last_line(text(view, {80, 24})),
             Catch::StartsWith(" nothing from tcp://127.0.0.1:7073 for 7 s "));
  view.feed_silent_s = 0;
  run.summary.state = schema::RunState::finished;
  CHECK_THAT(last_line(text(view, {80, 24})), Catch::StartsWith(" rejected 3 "));
}

TEST_CASE("a slow tick is not silence", "[tools][top_screen]") {
  LiveRun run = sample_run();
  run.summary.last->seconds = 10;
  TopView view = view_of(run);
  view.run_silent_s = 12;
  CHECK_THAT(last_line(text(view, {80, 24})), Catch::StartsWith(" rejected 3 "));
}

TEST_CASE("trouble of the store is shown", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  TopView view = view_of(run);
  view.broker->store_error = "disk\nfull";
  const auto lines = top_screen(view, {80, 24});
  CHECK(has_style(lines, "store: disk full", Style::bad));
}

TEST_CASE("labels scroll, and stop at the last one", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  TopView view = view_of(run);
  CHECK_THAT(text(view, {80, 24}), Catch::Contains("labels 1-7 of 8"));
  view.first_label = 1;
  CHECK_THAT(text(view, {80, 24}), Catch::Contains("labels 2-8 of 8"));
  view.first_label = 1000;
  CHECK_THAT(text(view, {80, 24}), Catch::Contains("labels 2-8 of 8"));
}

TEST_CASE("failures stand out", "[tools][top_screen]") {
  const LiveRun run = sample_run();
  const auto lines = top_screen(view_of(run), {80, 24});
  CHECK(has_style(lines, "3,012", Style::bad));
  CHECK(has_style(lines, "500 ", Style::bad));
  CHECK_FALSE(has_style(lines, "1,204,511", Style::bad));
}

TEST_CASE("texts of the network cannot control the terminal", "[tools][top_screen]") {
  LiveRun run = sample_run();
  run.summary.run_id = "a\x1b[2J";
  run.summary.labels[0].label = "GET \x1b]0;x\x07";
  run.summary.errors[0].message = "line\none";
  run.summary.errors[0].class_name = "\u009B";
  run.summary.counters = {{"c\x1b", 1}};
  run.summary.method = {{"G\x1b", 1}};
  TopView view = view_of(run);
  view.endpoint = "tcp://\x1b";
  for (const StyledLine& line : top_screen(view, {120, 40})) {
    for (const Span& span : line) CHECK(printable(span.text) == span.text);
  }
  CHECK(printable(top_line(run)) == top_line(run));
}

TEST_CASE("without a terminal a summary is one line", "[tools][top_screen]") {
  CHECK(top_line(sample_run()) ==
        "2026-11-21 20:00:12  checkout-2026-11-21  running  12:34  hits 1,204,511  per s 1,644  "
        "failed 3,012  p50 11.0  p95 26.4  p99 62.7 ms  workers 3/3  users 300");
}

}  // namespace weir::tools
