#include "broker/quote.hpp"

#include <string>

#include <catch2/catch.hpp>

using weir::broker::quote;

TEST_CASE("quoting keeps printable text and escapes the rest", "[broker][quote]") {
  CHECK(quote("") == "\"\"");
  CHECK(quote("a b") == "\"a b\"");
  CHECK(quote("say \"hi\" \\ bye") == R"("say \"hi\" \\ bye")");
  CHECK(quote("a\nb\rc\td") == R"("a\nb\rc\td")");
  CHECK(quote(std::string{"\0\x1b[31m\x7f", 7}) == R"("\u0000\u001b[31m\u007f")");
  CHECK(quote("gr\u00fc\u00df \U0001F600") == "\"gr\u00fc\u00df \U0001F600\"");
}

TEST_CASE("C1 controls are escaped although they are valid UTF-8", "[broker][quote]") {
  CHECK(quote("\u009b31m") == R"("\u009b31m")");
  CHECK(quote("\u00a0") == "\"\u00a0\"");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one", "[broker][quote]") {
  CHECK(quote("a\xff\xfe z") == "\"a\uFFFD\uFFFD z\"");
  CHECK(quote("\xe2\x82") == "\"\uFFFD\uFFFD\"");
}

TEST_CASE("characters that hide or turn text round are escaped", "[broker][quote]") {
  CHECK(quote("a\u202Eb\u2066c\u200Bd\uFEFFe\u2028f\u00ADg") ==
        R"("a\u202eb\u2066c\u200bd\ufeffe\u2028f\u00adg")");
  CHECK(quote("\u2010\u202F\u2070\u20AC") == "\"\u2010\u202F\u2070\u20AC\"");
}
