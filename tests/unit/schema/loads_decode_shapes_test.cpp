#include "schema/loads_decode_shapes.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "schema/loads_decode_allowance.hpp"

using namespace weir::schema;
using namespace weir::schema::loads;

namespace {

// An object of the shape of this number.
std::string object(int shape) {
  return R"({"data_type":"socket_open","worker_id":"w","key)" + std::to_string(shape) + R"(":1})";
}

bool learn(ShapeSet& shapes, const std::string& text) {
  return shapes.learn(Place::alone, {}, Cursor(text));
}

Fit read(ShapeSet& shapes, const std::string& text) {
  Message message;
  Cursor cursor(text);
  return shapes.read(Place::alone, {}, cursor, message);
}

constexpr int kMost = static_cast<int>(ShapeSet::kMaxShapes);

}  // namespace

TEST_CASE("a set reads the shapes it has learned, in any turn", "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  CHECK(read(shapes, object(0)) == Fit::other);
  for (int i = 0; i < kMost; ++i) REQUIRE(learn(shapes, object(i)));
  for (int i = 0; i < 1'000; ++i) {
    CHECK(read(shapes, object(i * 7 % kMost)) == Fit::exact);
    CHECK(read(shapes, object(kMost + i)) == Fit::other);
  }
}

TEST_CASE("a long object is read on with the first shape that agrees with its beginning",
          "[schema][loads_decode_shapes]") {
  const auto test_of = [](const std::string& name, int last) {
    return R"({"data_type":"startTest","test":")" + name + R"(","key)" + std::to_string(last) +
           R"(":1})";
  };
  const std::string name(5'000, 'x');
  ShapeSet shapes;
  REQUIRE(learn(shapes, test_of("t", 1)));
  REQUIRE(learn(shapes, object(1)));
  for (int i = 0; i < 5; ++i) {
    CHECK(read(shapes, object(1)) == Fit::exact);
    CHECK(read(shapes, object(1)) == Fit::exact);
    CHECK(read(shapes, test_of(name, 1)) == Fit::exact);
    CHECK(read(shapes, test_of(name, 2)) == Fit::other);
  }
}

TEST_CASE("what has no shape leaves the set as it is", "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  CHECK_FALSE(learn(shapes, R"({"data_type":"socket_open","x":[]})"));
  CHECK(shapes.size() == 0);
}

TEST_CASE("a set has at most 16 shapes, however many come", "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  for (int i = 0; i < 1'000; ++i) REQUIRE(learn(shapes, object(i)));
  CHECK(shapes.size() == 16);
  CHECK(read(shapes, object(500)) == Fit::other);
  CHECK(read(shapes, object(999)) == Fit::exact);
}

TEST_CASE("ever new shapes do not drive out those in use", "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  for (int i = 0; i < kMost / 2; ++i) {
    REQUIRE(learn(shapes, object(i)));
    REQUIRE(read(shapes, object(i)) == Fit::exact);
  }
  for (int i = 100; i < 1'100; ++i) REQUIRE(learn(shapes, object(i)));
  for (int i = 0; i < kMost / 2; ++i) CHECK(read(shapes, object(i)) == Fit::exact);
}

TEST_CASE("a shape in use drives out the one not used for longest",
          "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  for (int i = 0; i < kMost; ++i) {
    REQUIRE(learn(shapes, object(i)));
    REQUIRE(read(shapes, object(i)) == Fit::exact);
  }
  REQUIRE(read(shapes, object(0)) == Fit::exact);
  REQUIRE(learn(shapes, object(100)));
  CHECK(read(shapes, object(1)) == Fit::other);
  CHECK(read(shapes, object(0)) == Fit::exact);
  CHECK(read(shapes, object(100)) == Fit::exact);
}

TEST_CASE("an object of a known shape with an odd value is told from one of another shape",
          "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  REQUIRE(learn(shapes, object(1)));
  CHECK(read(shapes, R"({"data_type":"socket_open","worker_id":"a\u0062","key1":1})") ==
        Fit::odd_value);
}

TEST_CASE("alone and in a batch an object has different shapes", "[schema][loads_decode_shapes]") {
  ShapeSet shapes;
  const std::string text = R"({"data_type":"socket_open","test":"t"})";
  Message message;
  REQUIRE(learn(shapes, text));
  Cursor cursor(text);
  CHECK(shapes.read(Place::in_batch, "startTest", cursor, message) == Fit::other);
  REQUIRE(shapes.learn(Place::in_batch, "startTest", Cursor(text)));
  cursor = Cursor(text);
  CHECK(shapes.read(Place::in_batch, "stopTest", cursor, message) == Fit::other);
  cursor = Cursor(text);
  CHECK(shapes.read(Place::in_batch, "startTest", cursor, message) == Fit::exact);
  CHECK(message.body == Body(StartTest{"t"}));
  CHECK(read(shapes, text) == Fit::exact);
}

TEST_CASE("after a run of failures one attempt in sixteen is allowed until some succeed",
          "[schema][loads_decode_shapes]") {
  Allowance allowance;
  for (std::uint32_t i = 0; i < Allowance::kMost; ++i) {
    CHECK(allowance.allows());
    allowance.failed();
  }
  int allowed = 0;
  for (int i = 0; i < 160; ++i) {
    if (!allowance.allows()) continue;
    ++allowed;
    allowance.failed();
  }
  CHECK(allowed == 10);
  allowance.succeeded();
  CHECK(allowance.allows());
}
