#include "store/tags_json.hpp"

#include <catch2/catch.hpp>

using weir::store::tags_from_json;
using weir::store::tags_to_json;

TEST_CASE("tags become an object of strings and come back", "[store][tags_json]") {
  CHECK(tags_to_json({}) == "{}");
  CHECK(tags_to_json({{"b", "x\n\"y\""}, {"a", "1"}, {"b", "2"}}) == R"({"a":"1","b":"2"})");
  const auto tags = tags_from_json(R"({"b":"x\n","a":"ü"})");
  REQUIRE(tags.size() == 2);
  CHECK(tags[0].key == "a");
  CHECK(tags[0].value == "ü");
  CHECK(tags[1].value == "x\n");
}

TEST_CASE("tags that are not UTF-8 are repaired", "[store][tags_json]") {
  CHECK(tags_to_json({{"a", "\xff"}}) == "{\"a\":\"\xEF\xBF\xBD\"}");
}

TEST_CASE("what people broke in tags reads as no tags", "[store][tags_json]") {
  for (const char* text : {"", "{", "[]", "null", "\"a\"", "{\"a\":1}", "{\"a\":\"b\"} x"}) {
    INFO(text);
    CHECK(tags_from_json(text).empty());
  }
  CHECK(tags_from_json(R"({"a":1,"b":"x"})").size() == 1);
}
