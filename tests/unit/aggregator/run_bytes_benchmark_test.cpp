// What saving and loading cost; not run by default: weir_aggregator_tests "[.benchmark]"
#include <chrono>
#include <iostream>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "aggregator/run_bytes.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using test::kNoon;
using namespace std::chrono_literals;

// Every label is hit 200 times within a minute, with durations around 50 ms and a long tail.
Run run_of(int labels) {
  Run run = test::new_run();
  std::mt19937_64 random{1};
  std::lognormal_distribution<double> elapsed_us{10.8, 0.7};
  for (int round = 0; round < 200; ++round) {
    const schema::Timestamp now = kNoon + 300ms * round;
    for (int label = 0; label < labels; ++label) {
      const std::string url = "http://shop.example/api/v1/items/page-" + std::to_string(label);
      run.apply(test::message(test::hit(url, static_cast<std::int64_t>(elapsed_us(random)))), now);
    }
    run.tick(now);
    run.uncollected() = {};
  }
  return run;
}

TEST_CASE("what saving and loading a run costs", "[.benchmark]") {
  using Clock = std::chrono::steady_clock;
  const auto ms_since = [](Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
  };
  for (const int labels : {500, 10'000}) {
    const Run run = run_of(labels);
    constexpr int kTimes = 5;
    std::string bytes;
    const auto save_from = Clock::now();
    for (int i = 0; i < kTimes; ++i) bytes = save_run(run);
    const double save_ms = ms_since(save_from) / kTimes;
    const auto load_from = Clock::now();
    for (int i = 0; i < kTimes; ++i) CHECK(load_run(bytes, {}));
    const double load_ms = ms_since(load_from) / kTimes;
    std::cout << labels << " labels of 200 hits: " << bytes.size() << " bytes, save " << save_ms
              << " ms, load " << load_ms << " ms\n";
  }
}

}  // namespace
}  // namespace weir::aggregator
