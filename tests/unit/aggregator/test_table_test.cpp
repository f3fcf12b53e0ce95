#include "aggregator/test_table.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::Envelope;
using schema::Timestamp;
using test::kNoon;
using namespace std::chrono_literals;

Envelope from(std::string_view worker, std::optional<std::int64_t> user = {},
              std::optional<std::int64_t> current_hit = {}) {
  Envelope envelope;
  envelope.worker_id = worker;
  envelope.status.current_user = user;
  envelope.status.current_hit = current_hit;
  return envelope;
}

const TestFigures& figures(const TestTable& table, std::string_view test) {
  const auto found = table.by_name().find(test);
  REQUIRE(found != table.by_name().end());
  return found->second;
}

TEST_CASE("what happened to a test is counted by its name", "[aggregator][test_table]") {
  TestTable table{{}};
  table.start(from("w"), "a", kNoon);
  table.start(from("w"), "b", kNoon);
  table.start(from("w"), "b", kNoon);
  table.stop(from("w"), "b", kNoon + 1s);
  table.success("a");
  table.failure("b");
  table.failure("b");
  table.error("c");
  CHECK(figures(table, "a").started == 1);
  CHECK(figures(table, "a").success == 1);
  CHECK(figures(table, "b").started == 2);
  CHECK(figures(table, "b").finished == 1);
  CHECK(figures(table, "b").failure == 2);
  CHECK(figures(table, "c").error == 1);
  CHECK(figures(table, "c").started == 0);
}

TEST_CASE("a duration is from a start to the stop of the same worker, test, user and hit",
          "[aggregator][test_table]") {
  TestTable table{{}};
  table.start(from("w", 1, 1), "a", kNoon);
  table.stop(from("x", 1, 1), "a", kNoon + 1s);
  table.stop(from("w", 2, 1), "a", kNoon + 1s);
  table.stop(from("w", 1, 2), "a", kNoon + 1s);
  table.stop(from("w", {}, 1), "a", kNoon + 1s);
  table.stop(from("w", 1, 1), "b", kNoon + 1s);
  CHECK(figures(table, "a").durations.count() == 0);
  table.stop(from("w", 1, 1), "a", kNoon + 7s);
  CHECK(figures(table, "a").finished == 5);
  CHECK(figures(table, "a").durations.count() == 1);
  CHECK(figures(table, "a").durations.max() == 7'000'000);
}

TEST_CASE("overlapping tests of one user are matched oldest first", "[aggregator][test_table]") {
  TestTable table{{}};
  table.start(from("w"), "a", kNoon);
  table.start(from("w"), "a", kNoon + 1s);
  table.stop(from("w"), "a", kNoon + 5s);
  table.start(from("w"), "a", kNoon + 6s);
  table.stop(from("w"), "a", kNoon + 8s);
  table.stop(from("w"), "a", kNoon + 9s);
  table.stop(from("w"), "a", kNoon + 99s);
  const schema::Sketch& durations = figures(table, "a").durations;
  CHECK(durations.count() == 3);
  CHECK(durations.sum() == 15'000'000);
  CHECK(durations.min() == 3'000'000);
  CHECK(durations.max() == 7'000'000);
}

TEST_CASE("durations agree with a list of starts over random streams", "[aggregator][test_table]") {
  std::mt19937_64 random{11};
  TestTable table{{}};
  std::map<std::string, std::vector<Timestamp>> open;
  std::map<std::string, schema::Sketch> expected;
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp now = kNoon + std::chrono::milliseconds{i};
    const std::string worker = "w" + std::to_string(random() % 3);
    const auto user = static_cast<std::int64_t>(random() % 4);
    const std::string test = "t" + std::to_string(random() % 5);
    std::vector<Timestamp>& starts = open[worker + std::to_string(user) + test];
    if (random() % 2 == 0) {
      table.start(from(worker, user), test, now);
      starts.push_back(now);
    } else {
      table.stop(from(worker, user), test, now);
      if (starts.empty()) continue;
      expected[test].record((now - starts.front()).count());
      starts.erase(starts.begin());
    }
  }
  for (const auto& [test, sketch] : expected) CHECK(figures(table, test).durations == sketch);
  CHECK(table.unmeasured() == 0);
}

TEST_CASE("batched messages count but give no durations", "[aggregator][test_table]") {
  TestTable table{{}};
  Envelope batched = from("w");
  batched.batched = true;
  table.start(batched, "a", kNoon);
  table.stop(batched, "a", kNoon + 1s);
  table.start(batched, "a", kNoon);
  table.stop(from("w"), "a", kNoon + 1s);
  CHECK(figures(table, "a").started == 2);
  CHECK(figures(table, "a").finished == 2);
  CHECK(figures(table, "a").durations.count() == 0);
}

TEST_CASE("a batched stop ends the test that it stops", "[aggregator][test_table]") {
  TestTable table{{}};
  Envelope batched = from("w");
  batched.batched = true;
  table.start(from("w"), "a", kNoon);
  table.stop(batched, "a", kNoon + 1s);
  table.start(from("w"), "a", kNoon + 10s);
  table.stop(from("w"), "a", kNoon + 12s);
  CHECK(figures(table, "a").durations.count() == 1);
  CHECK(figures(table, "a").durations.max() == 2'000'000);
}

TEST_CASE("a stop before its start is a duration of zero", "[aggregator][test_table]") {
  TestTable table{{}};
  table.start(from("w"), "a", kNoon);
  table.stop(from("w"), "a", kNoon - 1s);
  CHECK(figures(table, "a").durations.count() == 1);
  CHECK(figures(table, "a").durations.max() == 0);
  CHECK(figures(table, "a").durations.negative() == 1);
}

TEST_CASE("beyond the limit tests are counted as (other)", "[aggregator][test_table]") {
  TestTable table{{.tests_per_run = 2}};
  for (const char* test : {"a", "b", "c", "d", "a"}) {
    table.start(from("w"), test, kNoon);
    table.stop(from("w"), test, kNoon + 1s);
    table.success(test);
  }
  CHECK(table.by_name().size() == 3);
  CHECK(figures(table, "a").success == 2);
  CHECK(figures(table, "b").success == 1);
  CHECK(figures(table, "(other)").started == 2);
  CHECK(figures(table, "(other)").finished == 2);
  CHECK(figures(table, "(other)").success == 2);
  CHECK(figures(table, "(other)").durations.count() == 2);
}

TEST_CASE("beyond the limit of open tests durations are not measured, but counts go on",
          "[aggregator][test_table]") {
  TestTable table{{.open_tests_per_run = 2}};
  for (std::int64_t user = 0; user < 5; ++user) table.start(from("w", user), "a", kNoon);
  CHECK(table.unmeasured() == 3);
  for (std::int64_t user = 0; user < 5; ++user) table.stop(from("w", user), "a", kNoon + 1s);
  CHECK(figures(table, "a").started == 5);
  CHECK(figures(table, "a").finished == 5);
  CHECK(figures(table, "a").durations.count() == 2);
  table.start(from("w", 9), "a", kNoon);
  table.stop(from("w", 9), "a", kNoon + 1s);
  CHECK(figures(table, "a").durations.count() == 3);
  CHECK(table.unmeasured() == 3);
}

TEST_CASE("names of tests are cut at the limit, not inside a character",
          "[aggregator][test_table]") {
  TestTable table{{.text_bytes = 5}};
  table.start(from("w"), "abc\u20acx", kNoon);
  table.stop(from("w"), "abc\u20acy", kNoon + 1s);
  REQUIRE(table.by_name().size() == 1);
  CHECK(figures(table, "abc").started == 1);
  CHECK(figures(table, "abc").finished == 1);
}

}  // namespace
}  // namespace weir::aggregator
