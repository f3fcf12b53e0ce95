#include "schema/loads_decode_shape.hpp"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

using namespace weir::schema;
using namespace weir::schema::loads;

namespace {

bool learns(std::string_view text, Place place = Place::alone, std::string_view data_type = {}) {
  Shape shape;
  Cursor cursor(text);
  return shape.learn(place, data_type, cursor) && cursor.at_end();
}

// What a shape learned from the first text reads of the second.
struct Reading {
  Reading(std::string_view learned, std::string_view text) {
    Shape shape;
    Cursor from(learned);
    REQUIRE(shape.learn(Place::alone, {}, from));
    Cursor cursor(text);
    fit = shape.read(cursor, message);
    whole = fit == Fit::exact && cursor.at_end();
  }
  const AddHit& hit() const { return std::get<AddHit>(message.body); }

  Message message;
  Fit fit;
  bool whole = false;
};

constexpr std::string_view kHit =
    R"({"data_type": "add_hit", "run_id": "r", "url": "/a", "method": "GET", "status": 200, )"
    R"("elapsed": 0.5, "pid": 7})";

// kHit with another value for one key.
std::string hit_with(std::string_view key, std::string_view value) {
  std::string text(kHit);
  const std::size_t at = text.find("\"" + std::string(key) + "\": ") + key.size() + 4;
  return text.replace(at, text.find_first_of(",}", at) - at, value);
}

}  // namespace

TEST_CASE("a shape reads an object with the same keys and spacing and other values",
          "[schema][loads_decode_shape]") {
  const Reading reading(kHit,
                        R"({"data_type": "add_hit", "run_id": 12, "url": "/bc", "method": "POST", )"
                        R"("status": 404, "elapsed": 12.25, "pid": null})");
  REQUIRE(reading.whole);
  CHECK(reading.message.envelope.run_id == "12");
  AddHit expected;
  expected.url = "/bc";
  expected.method = "POST";
  expected.status = 404;
  expected.elapsed = std::chrono::milliseconds{12'250};
  CHECK(reading.hit() == expected);
}

TEST_CASE("a shape does not read other keys, another order, other spacing or another type",
          "[schema][loads_decode_shape]") {
  for (
      std::string_view other :
      {R"({"data_type": "addHit", "run_id": "r", "url": "/a", "method": "GET", "status": 1, "elapsed": 0.5, "pid": 7})",
       R"({"data_type": "add_hit","run_id": "r", "url": "/a", "method": "GET", "status": 1, "elapsed": 0.5, "pid": 7})",
       R"({"data_type": "add_hit", "run_id": "r", "url": "/a", "method": "GET", "status": 1, "elapsed": 0.5})",
       R"({"data_type": "add_hit", "run_id": "r", "url": "/a", "method": "GET", "status": 1, "elapsed": 0.5, "pid": 7, "x": 1})",
       R"({"data_type": "add_hit", "url": "/a", "run_id": "r", "method": "GET", "status": 1, "elapsed": 0.5, "pid": 7})",
       R"({"data_type": "add_hit", "run_id": "r")", "{}", ""}) {
    CAPTURE(other);
    CHECK(Reading(kHit, other).fit == Fit::other);
  }
}

TEST_CASE("what begins with an object of the shape is read up to its end",
          "[schema][loads_decode_shape]") {
  const Reading reading(kHit, std::string(kHit) + "x");
  CHECK(reading.fit == Fit::exact);
  CHECK_FALSE(reading.whole);
}

TEST_CASE("a value that is not plain, or that its key does not take, is left to the parser",
          "[schema][loads_decode_shape]") {
  struct Odd {
    std::string_view key, value;
  };
  for (const Odd& odd : {Odd{"url", R"("a\/b")"},
                         Odd{"url", "\"a\tb\""},
                         Odd{"url", "\"\xFF\""},
                         Odd{"url", "\"\xC3\""},
                         Odd{"url", "12"},
                         Odd{"url", R"("")"},
                         Odd{"url", "null"},
                         Odd{"url", "[]"},
                         Odd{"run_id", R"("a/b")"},
                         Odd{"run_id", "\"\x7F\""},
                         Odd{"run_id", "\"\xC2\x85\""},
                         Odd{"run_id", "-1"},
                         Odd{"run_id", "true"},
                         Odd{"status", "1000"},
                         Odd{"status", R"("200")"},
                         Odd{"status", "-0"},
                         Odd{"elapsed", "null"},
                         Odd{"elapsed", "-1"},
                         Odd{"elapsed", R"("1")"},
                         Odd{"elapsed", "1."},
                         Odd{"elapsed", ".5"},
                         Odd{"elapsed", "0.0000005"},
                         Odd{"elapsed", "NaN"},
                         Odd{"pid", "{}"},
                         Odd{"pid", "[1]"},
                         Odd{"pid", "-"},
                         Odd{"pid", "nul"},
                         Odd{"pid", "\"\\u0041\""}}) {
    CAPTURE(odd.key, odd.value);
    CHECK(Reading(kHit, hit_with(odd.key, odd.value)).fit == Fit::odd_value);
  }
}

TEST_CASE("a number that goes on where none should does not fit", "[schema][loads_decode_shape]") {
  for (std::string_view value :
       {"007", "1e3", "200.0", "0x1", "1 ", "1x", "12345678901234567890"}) {
    CAPTURE(value);
    CHECK(Reading(kHit, hit_with("status", value)).fit != Fit::exact);
    CHECK(Reading(kHit, hit_with("run_id", value)).fit != Fit::exact);
  }
  CHECK(Reading(kHit, hit_with("elapsed", "1e-3")).fit != Fit::exact);
  CHECK(Reading(kHit, hit_with("elapsed", "00.5")).fit != Fit::exact);
  CHECK(Reading(kHit, hit_with("elapsed", "1234567890")).fit != Fit::exact);
}

TEST_CASE("an ignored key takes any plain value", "[schema][loads_decode_shape]") {
  for (std::string_view value :
       {"null", "true", "false", "0", "-12.5", "\"\"", "\"caf\xC3\xA9\""}) {
    CAPTURE(value);
    CHECK(Reading(kHit, hit_with("pid", value)).whole);
  }
}

TEST_CASE("an id that says there is none is none", "[schema][loads_decode_shape]") {
  for (std::string_view value : {"null", R"("")", R"("None")"}) {
    CAPTURE(value);
    const Reading reading(kHit, hit_with("run_id", value));
    CHECK(reading.whole);
    CHECK(reading.message.envelope.run_id.empty());
  }
}

TEST_CASE("a status of null is 0", "[schema][loads_decode_shape]") {
  const Reading reading(kHit, hit_with("status", "null"));
  REQUIRE(reading.whole);
  CHECK(reading.hit().status == 0);
}

TEST_CASE("only what can be a message by itself is a shape", "[schema][loads_decode_shape]") {
  for (std::string_view text :
       {R"({"data_type":"add_hit","url":"/","method":"GET","status":1})",
        R"({"data_type":"add_hit","url":"/","method":"GET","elapsed":1})",
        R"({"data_type":"add_hit","url":"/","status":1,"elapsed":1})",
        R"({"data_type":"startTest"})", R"({"data_type":"socket_message"})",
        R"({"data_type":"batch","test":"t"})", R"({"data_type":"","test":"t"})",
        R"({"data_type":null,"test":"t"})", R"({"test":"t"})", R"({"data_type":"startTestRun"})",
        R"({"data_type":"addError","test":"t"})"}) {
    CAPTURE(text);
    CHECK_FALSE(learns(text));
  }
  for (std::string_view text :
       {R"({"data_type":"socket_open"})", R"({"data_type":"stopTestRun"})",
        R"({"data_type":"widgets","test":"t"})", R"({"data_type":"stopTest","test_name":"t"})",
        R"({"data_type":"addHit","label":"l","success":true,"elapsed":1})"}) {
    CAPTURE(text);
    CHECK(learns(text));
  }
}

TEST_CASE("an object in which it matters which of two keys counts is no shape",
          "[schema][loads_decode_shape]") {
  CHECK_FALSE(learns(R"({"data_type":"socket_open","seq":1,"seq":2})"));
  CHECK_FALSE(learns(R"({"data_type":"socket_open","data_type":"socket_open"})"));
  CHECK_FALSE(learns(R"({"data_type":"socket_open","worker_id":"a","agent_id":"b"})"));
  CHECK_FALSE(learns(R"({"data_type":"startTest","test":"a","test_name":"b"})"));
  CHECK(learns(R"({"data_type":"socket_open","other":1,"other":2})"));
}

TEST_CASE("an object that is not flat, not JSON or too large is no shape",
          "[schema][loads_decode_shape]") {
  for (std::string_view text :
       {R"({"data_type":"socket_open","x":{}})", R"({"data_type":"socket_open","x":[1]})",
        R"({"data_type":"socket_open","loads_status":[[1]]})", R"({"data_type":"socket_open",})",
        R"({"data_type":"socket_open" "x":1})", R"({"data_type":"socket_open","\u0078":1})",
        R"({"data_type":"socket_open","x":1e3})", "{\"data_type\":\"socket_open\",\"\xFF\":1}",
        R"({data_type:"socket_open"})", "{", ""}) {
    CAPTURE(text);
    CHECK_FALSE(learns(text));
  }
  std::string many = R"({"data_type":"socket_open")";
  for (int i = 0; i < 41; ++i) many += ",\"k\":1";
  CHECK_FALSE(learns(many + "}"));
  CHECK_FALSE(learns(R"({"data_type":"socket_open",)" + std::string(3'000, ' ') + R"("x":1})"));
  CHECK(learns(R"({"data_type":"socket_open","loads_status":[1, 2 ,3,4]})"));
}

TEST_CASE("in a batch the group says the type and data_type is one more ignored key",
          "[schema][loads_decode_shape]") {
  CHECK(learns("{}", Place::in_batch, "socket_open"));
  CHECK(learns(R"({"data_type":"add_hit","test":"t"})", Place::in_batch, "startTest"));
  CHECK_FALSE(learns("{}", Place::in_batch, "startTest"));
  CHECK_FALSE(learns(R"({"test":"t"})", Place::in_batch, "batch"));
  CHECK_FALSE(learns(R"({"test":"t"})", Place::in_batch, "addFailure"));
}
