#include "tools/table.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace weir::tools {
namespace {

Table sample() {
  Table table{{{"label", Align::left, 6, 0, true, cut_middle},
               {"hits", Align::right, 5},
               {"p50", Align::right, 4, 1},
               {"p99", Align::right, 4, 2}}};
  table.add_row({{"GET /items"}, {"1,200"}, {"11.0"}, {"60.2"}});
  table.add_row({{"商品"}, {"7"}, {"-"}, {"-"}});
  return table;
}

std::string text(const std::vector<StyledLine>& lines) { return to_text(lines, false); }

}  // namespace

TEST_CASE("columns are as wide as their contents", "[tools][table]") {
  CHECK(text(sample().lines(80)) ==
        "label        hits   p50   p99\n"
        "GET /items  1,200  11.0  60.2\n"
        "商品            7     -     -\n");
}

TEST_CASE("a flexible column shrinks before others are dropped", "[tools][table]") {
  CHECK(text(sample().lines(26)) ==
        "label     hits   p50   p99\n"
        "GET…ems  1,200  11.0  60.2\n"
        "商品         7     -     -\n");
}

TEST_CASE("columns are dropped in their order when there is no room", "[tools][table]") {
  CHECK(text(sample().lines(22)) ==
        "label       hits   p50\n"
        "GET …tems  1,200  11.0\n"
        "商品           7     -\n");
  CHECK(text(sample().lines(14)) ==
        "label     hits\n"
        "GET…ems  1,200\n"
        "商品         7\n");
}

TEST_CASE("no line is wider than asked for, whatever the width", "[tools][table]") {
  for (std::size_t width = 0; width < 40; ++width) {
    for (const StyledLine& line : sample().lines(width)) CHECK(display_width(line) <= width);
  }
}

TEST_CASE("uncut lines have the same columns and all of the text", "[tools][table]") {
  CHECK(text(sample().uncut_lines(14)) ==
        "label        hits\n"
        "GET /items  1,200\n"
        "商品            7\n");
}

TEST_CASE("a filled table takes the whole width", "[tools][table]") {
  Table table{{{"error", Align::left, 1, 0, true}, {"count"}}, true};
  table.add_row({{"boom"}, {"2"}});
  for (const StyledLine& line : table.lines(30)) CHECK(display_width(line) == 30);
}

TEST_CASE("cells are made printable", "[tools][table]") {
  Table table{{{"a", Align::left}}};
  table.add_row({{"x\x1b[2J\n"}});
  CHECK(text(table.lines(80)) == "a\nx\uFFFD[2J\n");
}

}  // namespace weir::tools
