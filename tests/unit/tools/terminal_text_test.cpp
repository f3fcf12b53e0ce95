#include "tools/terminal_text.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace weir::tools {

TEST_CASE("text that is harmless stays as it is", "[tools][terminal_text]") {
  for (const std::string text : {"", "GET http://h/a b", "Grüße", "商品", "e\u0301", "👍"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("control characters cannot reach a terminal", "[tools][terminal_text]") {
  CHECK(printable("a\x1b[31mb") == "a\uFFFD[31mb");
  CHECK(printable("\x07\x7F") == "\uFFFD\uFFFD");
  CHECK(printable("a\u009B2Jb") == "a\uFFFD2Jb");
  CHECK(printable(std::string{"a\0b", 3}) == "a\uFFFDb");
}

TEST_CASE("a text with line ends and tabs becomes one line", "[tools][terminal_text]") {
  CHECK(printable("a\nb\tc\r\nd\u2028e") == "a b c  d e");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one", "[tools][terminal_text]") {
  CHECK(printable("a\xFFz") == "a\uFFFDz");
  CHECK(printable("\x9B"
                  "31m") == "\uFFFD31m");
  CHECK(printable("\xE5\x95") == "\uFFFD\uFFFD");
}

TEST_CASE("characters that turn or hide text are dropped", "[tools][terminal_text]") {
  CHECK(printable("a\u202Eb\u200Bc\uFEFF") == "abc");
  CHECK(printable("w\u00ADa\U000E0041") == "wa");
}

TEST_CASE("a character carries at most two marks, and none stands first",
          "[tools][terminal_text]") {
  CHECK(printable("e\u0301\u0302\u0303\u0304x\u0301") == "e\u0301\u0302x\u0301");
  CHECK(printable("\u0301e") == "e");
}

TEST_CASE("width is counted in columns of a terminal", "[tools][terminal_text]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("Grüße") == 5);
  CHECK(display_width("商品") == 4);
  CHECK(display_width("e\u0301") == 1);
}

TEST_CASE("a text is cut to a width at its end or in its middle", "[tools][terminal_text]") {
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdef", 4) == "abc…");
  CHECK(cut("abcdef", 1) == "…");
  CHECK(cut("abcdef", 0).empty());
  CHECK(cut_middle("abcdef", 6) == "abcdef");
  CHECK(cut_middle("abcdef", 4) == "ab…f");
  CHECK(cut_middle("abcdefg", 5) == "ab…fg");
  CHECK(cut_middle("abcdef", 1) == "…");
  CHECK(cut_middle("abcdef", 0).empty());
}

TEST_CASE("cutting never splits a wide character and never exceeds the width",
          "[tools][terminal_text]") {
  const std::string text = "a商b品c\u0301d商";
  for (std::size_t width = 0; width <= 12; ++width) {
    CAPTURE(width);
    CHECK(display_width(cut(text, width)) <= width);
    CHECK(display_width(cut_middle(text, width)) <= width);
    CHECK(printable(cut(text, width)) == cut(text, width));
    CHECK(display_width(pad_left(text, width)) == width);
    CHECK(display_width(pad_right(text, width)) == width);
  }
}

TEST_CASE("of a URL that does not fit the host goes first", "[tools][terminal_text]") {
  const std::string label = "GET http://shop.example.com/api/items/{id}";
  CHECK(cut_url(label, 42) == label);
  CHECK(cut_url(label, 30) == "GET …/api/items/{id}");
  CHECK(cut_url(label, 15) == "GET …/a…ms/{id}");
  CHECK(cut_url("http://h.example/a", 9) == "…/a");
  CHECK(cut_url("GET http://no-path.example", 10) == "GET h…mple");
  CHECK(cut_url("just a long label", 9) == "just…abel");
}

TEST_CASE("JSON for a terminal is equal JSON without dangerous characters",
          "[tools][terminal_text]") {
  CHECK(escape_json(R"({"a":"b\u001b"})") == R"({"a":"b\u001b"})");
  CHECK(escape_json("\"\x7F\u009B\u202E商\"") == R"("\u007f\u009b\u202e商")");
  CHECK(escape_json("{\n\t\"a\": 1\n}") == "{\n\t\"a\": 1\n}");
  CHECK(escape_json("\x1b[2J\xFF") == "\\u001b[2J\uFFFD");
}

}  // namespace weir::tools
