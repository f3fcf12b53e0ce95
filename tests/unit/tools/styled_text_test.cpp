#include "tools/styled_text.hpp"

#include <catch2/catch.hpp>

namespace weir::tools {

TEST_CASE("colours are written only if asked for", "[tools][styled_text]") {
  const StyledLine line{{"failed "}, {"3", Style::bad}};
  CHECK(to_text(line, false) == "failed 3");
  CHECK(to_text(line, true) == "failed \x1b[31m3\x1b[0m");
}

TEST_CASE("lines end without trailing spaces", "[tools][styled_text]") {
  CHECK(to_text(std::vector<StyledLine>{{{"a  "}}, {}, {{"b"}}}, false) == "a\n\nb\n");
}

TEST_CASE("a line is cut across its spans", "[tools][styled_text]") {
  const StyledLine line{{"abc", Style::dim}, {"def"}};
  CHECK(cut(line, 6) == line);
  CHECK(cut(line, 5) == StyledLine{{"abc", Style::dim}, {"d…"}});
  CHECK(cut(line, 3) == StyledLine{{"ab…", Style::dim}});
  CHECK(display_width(cut(line, 0)) == 0);
}

}  // namespace weir::tools
