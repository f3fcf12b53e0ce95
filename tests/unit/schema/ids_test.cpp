#include "schema/ids.hpp"

#include <array>
#include <string>

#include <catch2/catch.hpp>

using namespace weir::schema;

namespace {

// An encoder of our own: every code point's UTF-8 by the definition, as the truth to test against.
std::string encode(std::uint32_t code_point, std::size_t length) {
  if (length == 1) return {static_cast<char>(code_point)};
  std::string bytes(length, '\0');
  for (std::size_t i = length - 1; i > 0; --i, code_point >>= 6U) {
    bytes[i] = static_cast<char>(0x80U | (code_point & 0x3FU));
  }
  const std::uint32_t lead_mark = (0xF00U >> length) & 0xFFU;
  bytes[0] = static_cast<char>(lead_mark | code_point);
  return bytes;
}

std::size_t shortest_length(std::uint32_t code_point) {
  if (code_point < 0x80) return 1;
  if (code_point < 0x800) return 2;
  return code_point < 0x10000 ? 3 : 4;
}

}  // namespace

TEST_CASE("UTF-8 is every code point but surrogates, in its shortest form", "[schema][ids]") {
  std::size_t wrong = 0;
  for (std::uint32_t code_point = 0; code_point < 0x200000; ++code_point) {
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    const bool valid = code_point <= 0x10FFFF && !surrogate;
    const std::size_t shortest = shortest_length(code_point);
    for (std::size_t length = shortest; length <= 4; ++length) {
      const bool expected = valid && length == shortest;
      if (is_utf8(encode(code_point, length)) != expected) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("bytes that are not UTF-8 are found wherever they stand", "[schema][ids]") {
  for (const std::string& bad :
       {std::string("\x80"), std::string("\xBF"), std::string("\xC3"), std::string("\xE2\x82"),
        std::string("\xF0\x9F\x98"), std::string("\xC3("), std::string("\xE2\x28\xA1"),
        std::string("\xE2\x82\x28"), std::string("\xF8\x88\x80\x80\x80"), std::string("\xFF"),
        std::string("\xFE"), std::string("\xC0\x80")}) {
    for (std::size_t before = 0; before < 20; ++before) {
      INFO(before);
      CHECK_FALSE(is_utf8(std::string(before, 'a') + bad));
      CHECK_FALSE(is_utf8(std::string(before, 'a') + bad + std::string(20, 'b')));
      CHECK(is_utf8(std::string(before, 'a') + "\xE2\x82\xAC" + std::string(20, 'b')));
    }
  }
  CHECK(is_utf8(""));
  CHECK(is_utf8(std::string_view("\0", 1)));
}

TEST_CASE("an id has 1 to 128 bytes", "[schema][ids]") {
  CHECK_FALSE(is_valid_id(""));
  CHECK(is_valid_id("a"));
  CHECK(is_valid_id(std::string(128, 'a')));
  CHECK_FALSE(is_valid_id(std::string(129, 'a')));
  std::string accents;
  for (int i = 0; i < 64; ++i) accents += "\u00e9";
  CHECK(is_valid_id(accents));
  CHECK_FALSE(is_valid_id(accents + "\u00e9"));
}

TEST_CASE("an id may have any character but controls and the slash", "[schema][ids]") {
  std::size_t wrong = 0;
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    const bool control = code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
    const bool expected = !surrogate && !control && code_point != '/';
    const std::string id = "x" + encode(code_point, shortest_length(code_point)) + "y";
    if (is_valid_id(id) != expected) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK_FALSE(is_valid_id("broken \xC2"));
  CHECK(is_valid_id("agenthost-31216"));
  CHECK(is_valid_id("worker 7 \u4e2d\U0001F600"));
}

TEST_CASE("a prefix ends between characters", "[schema][ids]") {
  const std::string text = "a\u00e9\u20ac\U0001F600z";
  const std::array<std::size_t, 6> ends{0, 1, 3, 6, 10, 11};
  for (std::size_t max = 0; max <= text.size() + 3; ++max) {
    std::size_t expected = 0;
    for (const std::size_t end : ends) {
      if (end <= max) expected = end;
    }
    INFO(max);
    CHECK(utf8_prefix(text, max) == std::string_view(text).substr(0, expected));
  }
}

TEST_CASE("a prefix of bytes that are not UTF-8 is cut at the limit", "[schema][ids]") {
  const std::string bytes(50, '\x80');
  CHECK(utf8_prefix(bytes, 10).size() == 10);
  CHECK(utf8_prefix(bytes, 0).empty());
  CHECK(utf8_prefix(bytes, 2).size() == 2);
}
