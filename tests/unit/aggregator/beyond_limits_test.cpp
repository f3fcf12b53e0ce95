#include "aggregator/beyond_limits.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using test::hit;
using test::kNoon;
using test::message;
using test::new_run;

constexpr LimitsConfig kTwoOfEach{
    .labels_per_run = 2, .tests_per_run = 2, .counters_per_run = 2, .errors_per_run = 2};

// `names` different names of everything, three messages each.
Run run_with(int names) {
  Run run = new_run(kTwoOfEach);
  for (int i = 0; i < 3 * names; ++i) {
    const std::string name = "n" + std::to_string(i % names);
    const std::string url = "http://h/" + name;
    schema::AddHit made = hit(url);
    made.method = i % 2 == 0 ? "GET" : "POST";
    run.apply(message(made), kNoon);
    run.apply(message(schema::StartTest{name}), kNoon);
    run.apply(message(schema::Counter{name, "t"}), kNoon);
    run.apply(message(schema::AddError{name, {name, "", ""}}), kNoon);
  }
  return run;
}

TEST_CASE("nothing is beyond limits that were not reached", "[aggregator][beyond_limits]") {
  Run run = new_run(kTwoOfEach);
  run.apply(message(hit("http://h/one")), kNoon);
  run.apply(message(schema::StartTest{"(other)"}), kNoon);
  run.apply(message(schema::Counter{"(other)", "t"}), kNoon);
  run.apply(message(schema::AddError{"t", {"(other)", "", ""}}), kNoon);
  const BeyondLimits beyond = beyond_limits(run, kTwoOfEach);
  CHECK(beyond.hits + beyond.tests + beyond.counters + beyond.errors == 0);
}

TEST_CASE("what found no name of its own is counted, each time", "[aggregator][beyond_limits]") {
  const Run run = run_with(5);
  BeyondLimits beyond = beyond_limits(run, kTwoOfEach);
  // Fifteen of each. A name may be asked for with GET and POST: the first two labels are GET n0 and
  // POST n1, which got 2 and 2 of the hits.
  CHECK(beyond.hits == 11);
  CHECK(beyond.tests == 9);
  CHECK(beyond.counters == 9);
  CHECK(beyond.errors == 9);
  beyond += beyond;
  CHECK(beyond.errors == 18);
}

}  // namespace
}  // namespace weir::aggregator
