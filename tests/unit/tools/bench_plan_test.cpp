#include "tools/bench_plan.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

namespace weir::tools {
namespace {

std::vector<std::string> rows(const BenchOptions& options) {
  std::vector<std::string> names;
  for (const BenchCase& one : bench_cases(options)) {
    names.push_back(std::string{to_string(one.form)} + " " + std::to_string(one.connections) +
                    (one.rate_per_s > 0 ? " @" + std::to_string(one.rate_per_s) : ""));
  }
  return names;
}

}  // namespace

TEST_CASE("without options every form is measured, single messages with 1, 4 and 16 connections",
          "[tools][bench]") {
  CHECK(rows({}) == std::vector<std::string>{"single 1", "single 4", "single 16", "ndjson-10 4",
                                             "ndjson-50 4", "batch-50 4", "acked-50 4",
                                             "single 4 @200000", "batch-50 4 @1000000"});
}

TEST_CASE("a quick plan measures three forms and no pace, three rounds each", "[tools][bench]") {
  BenchOptions options;
  options.quick = true;
  CHECK(rows(options) == std::vector<std::string>{"single 4", "ndjson-50 4", "batch-50 4"});
  for (const BenchCase& one : bench_cases(options)) CHECK(one.rounds == 3);
}

TEST_CASE("hits are rounded up to whole frames", "[tools][bench]") {
  BenchOptions options;
  options.forms = {"batch-50"};
  options.hits = 101;
  const BenchCase one = bench_cases(options).at(0);
  CHECK(one.frames == 3);
  CHECK(one.hits() == 150);
}

TEST_CASE("a pace sends for as long as asked", "[tools][bench]") {
  BenchOptions options;
  options.rate_per_s = 1'000;
  options.duration_s = 2.5;
  const BenchCase one = bench_cases(options).at(0);
  CHECK(one.hits() == 2'500);
  CHECK(one.rounds == 1);
}

TEST_CASE("a flat plan is one run in ten steps without a bare loop", "[tools][bench]") {
  BenchOptions options;
  options.flat = true;
  options.forms = {"ndjson-50"};
  options.hits = 1'000;
  const auto cases = bench_cases(options);
  REQUIRE(cases.size() == 1);
  CHECK(cases[0].steps == 10);
  CHECK(cases[0].rounds == 1);
  CHECK_FALSE(cases[0].beside_bare);
}

TEST_CASE("what an option would do for nothing is refused", "[tools][bench]") {
  BenchOptions flat;
  flat.flat = true;
  BenchOptions paced;
  paced.rate_per_s = 1'000;
  CHECK_NOTHROW(bench_cases(flat));
  CHECK_NOTHROW(bench_cases(paced));
  const auto refused = [](BenchOptions options, const auto& change) {
    change(options);
    CHECK_THROWS_AS(bench_cases(options), std::invalid_argument);
  };
  refused(flat, [](BenchOptions& one) { one.forms = {"single", "batch-50"}; });
  refused(flat, [](BenchOptions& one) { one.connections = {1, 4}; });
  refused(flat, [](BenchOptions& one) { one.rounds = 3; });
  refused(flat, [](BenchOptions& one) { one.quick = true; });
  refused(paced, [](BenchOptions& one) { one.hits = 500; });
  refused(paced, [](BenchOptions& one) { one.quick = true; });
  refused(paced, [](BenchOptions& one) { one.duration_s = 0; });
}

TEST_CASE("options that do not go together are refused", "[tools][bench]") {
  BenchOptions both;
  both.flat = true;
  both.rate_per_s = 5;
  CHECK_THROWS_AS(bench_cases(both), std::invalid_argument);
  BenchOptions few;
  few.workers = 1;
  CHECK_THROWS_AS(bench_cases(few), std::invalid_argument);
  BenchOptions acked;
  acked.forms = {"acked-50"};
  acked.workers = 8;
  CHECK_THROWS_AS(bench_cases(acked), std::invalid_argument);
}

}  // namespace weir::tools
