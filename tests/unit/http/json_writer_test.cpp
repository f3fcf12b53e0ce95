#include "http/json_writer.hpp"

#include <limits>

#include <catch2/catch.hpp>

using weir::http::JsonWriter;

TEST_CASE("objects and arrays get their commas", "[http][json_writer]") {
  JsonWriter json;
  json.object().member("a", 1).key("b").array().value(2).value("x").object().end().end();
  json.member("c", true).key("d").object().end().member("e", std::optional<int>{}).end();
  CHECK(std::move(json).text() == R"({"a":1,"b":[2,"x",{}],"c":true,"d":{},"e":null})");
}

TEST_CASE("numbers are as short as they can be, and what is none is null", "[http][json_writer]") {
  JsonWriter json;
  json.array().value(0.1).value(12.0).value(1e300).value(-5).value(
      std::numeric_limits<double>::quiet_NaN());
  json.value(std::numeric_limits<double>::infinity());
  json.value(std::numeric_limits<std::uint64_t>::max()).end();
  CHECK(std::move(json).text() == "[0.1,12,1e+300,-5,null,null,18446744073709551615]");
}

TEST_CASE("texts are escaped, and what is not UTF-8 is replaced", "[http][json_writer]") {
  JsonWriter json;
  json.array().value("a\"\\\n\x01").value("\xff").value(std::string("\0", 1)).end();
  CHECK(std::move(json).text() == "[\"a\\\"\\\\\\n\\u0001\",\"\uFFFD\",\"\\u0000\"]");
}
