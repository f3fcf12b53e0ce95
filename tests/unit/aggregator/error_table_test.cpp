#include "aggregator/error_table.hpp"

#include <map>
#include <random>
#include <string>
#include <tuple>

#include <catch2/catch.hpp>

#include "schema/ids.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using test::kNoon;
using namespace std::chrono_literals;

schema::Exception exception(std::string_view class_name, std::string_view message = {},
                            std::string_view traceback = {}) {
  return {class_name, message, traceback};
}

const ErrorGroup& group(const ErrorTable& table, const ErrorKey& key) {
  const auto found = table.groups().find(key);
  REQUIRE(found != table.groups().end());
  return found->second;
}

TEST_CASE("errors are grouped by kind, class, message and traceback", "[aggregator][error_table]") {
  ErrorTable table{{}};
  std::mt19937 random{3};
  std::map<std::tuple<ErrorKind, std::string, std::string, std::string>, std::uint64_t> expected;
  for (int i = 0; i < 2'000; ++i) {
    const auto kind = static_cast<ErrorKind>(random() % 3);
    const auto text = [&] { return std::string(random() % 3, 'x'); };
    const std::string class_name = text(), message = text(), traceback = text();
    table.add(kind, exception(class_name, message, traceback), "t", kNoon);
    ++expected[{kind, class_name, message, traceback}];
  }
  CHECK(table.groups().size() == expected.size());
  for (const auto& [key, count] : expected) {
    const auto& [kind, class_name, message, traceback] = key;
    CHECK(group(table, {kind, class_name, message, traceback}).count == count);
  }
}

TEST_CASE("parts of an error that run into each other are different errors",
          "[aggregator][error_table]") {
  ErrorTable table{{}};
  table.add(ErrorKind::error, exception("ab", "c"), {}, kNoon);
  table.add(ErrorKind::error, exception("a", "bc"), {}, kNoon);
  table.add(ErrorKind::error, exception("a", "b", "c"), {}, kNoon);
  CHECK(table.groups().size() == 3);
}

TEST_CASE("a group knows its first and last time and the first test and label",
          "[aggregator][error_table]") {
  ErrorTable table{{}};
  table.add(ErrorKind::hit, exception("HTTP 500"), "one", kNoon + 5s).label = 4;
  table.add(ErrorKind::hit, exception("HTTP 500"), "two", kNoon + 9s);
  table.add(ErrorKind::hit, exception("HTTP 500"), "three", kNoon + 2s);
  const ErrorGroup& found = group(table, {ErrorKind::hit, "HTTP 500", "", ""});
  CHECK(found.count == 3);
  CHECK(found.first == kNoon + 2s);
  CHECK(found.last == kNoon + 9s);
  CHECK(found.test == "one");
  CHECK(found.label == 4);
}

TEST_CASE("beyond the limit errors are counted under the class (other) of their kind",
          "[aggregator][error_table]") {
  ErrorTable table{{.errors_per_run = 2}};
  for (const char* message : {"a", "b", "c", "d", "a"}) {
    table.add(ErrorKind::error, exception("E", message, "tb"), "t", kNoon);
  }
  table.add(ErrorKind::failure, exception("E", "a"), "t", kNoon);
  table.add(ErrorKind::hit, exception("E", "a"), "t", kNoon);
  CHECK(table.groups().size() == 5);
  CHECK(group(table, {ErrorKind::error, "E", "a", "tb"}).count == 2);
  CHECK(group(table, {ErrorKind::error, "(other)", "", ""}).count == 2);
  CHECK(group(table, {ErrorKind::failure, "(other)", "", ""}).count == 1);
  CHECK(group(table, {ErrorKind::hit, "(other)", "", ""}).count == 1);
}

TEST_CASE("texts of errors are cut at their limits and never inside a character",
          "[aggregator][error_table]") {
  ErrorTable table{{.text_bytes = 4, .traceback_bytes = 7}};
  table.add(ErrorKind::error, exception("ab\u20acX", "m\u20acY", "abcdef\u20ac"), "te\u20acst",
            kNoon);
  table.add(ErrorKind::error, exception("ab\u20acZ", "m\u20ac", "abcdef\u20acq"), "te", kNoon);
  REQUIRE(table.groups().size() == 1);
  const auto& [key, found] = *table.groups().begin();
  CHECK(key == ErrorKey{ErrorKind::error, "ab", "m\u20ac", "abcdef"});
  CHECK(found.count == 2);
  CHECK(found.test == "te");
}

TEST_CASE("the kinds of errors have the names of the store", "[aggregator][error_table]") {
  CHECK(to_string(ErrorKind::failure) == "failure");
  CHECK(to_string(ErrorKind::error) == "error");
  CHECK(to_string(ErrorKind::hit) == "hit");
}

}  // namespace
}  // namespace weir::aggregator
