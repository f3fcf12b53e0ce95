#include "tools/bench_table.hpp"

#include <sstream>

#include <catch2/catch.hpp>

namespace weir::tools {
namespace {

BenchMeasure measure(std::uint64_t hits, double elapsed_s, double cpu_ns_per_hit) {
  return {.frames = hits,
          .hits = hits,
          .failed = 0,
          .bytes = hits * 290,
          .elapsed_s = elapsed_s,
          .receiver_cpu_ns = cpu_ns_per_hit * static_cast<double>(hits),
          .sender_cpu_ns = 310 * static_cast<double>(hits),
          .sender_elapsed_s = elapsed_s,
          .memory_bytes = 10U << 20U,
          .peak_memory_bytes = 20U << 20U,
          .longest_pause_us = {}};
}

BenchResult sample() {
  return {.of = {.form = BenchForm::single, .connections = 16, .workers = 16, .frames = 1'000'000},
          .bare = {measure(1'000'000, 0.5, 340), measure(1'000'000, 0.4, 330),
                   measure(1'000'000, 0.6, 350)},
          .weir = {measure(1'000'000, 1.0, 1'700), measure(1'000'000, 1.6, 1'900),
                   measure(1'000'000, 2.0, 1'800)}};
}

BenchResult paced_sample() {
  BenchResult paced = sample();
  paced.of.rate_per_s = 500'000;
  return paced;
}

BenchMachine machine() {
  return {.cores = 2,
          .cpu = "Model",
          .kernel = "Linux 6",
          .libzmq = "4.3.4",
          .weir = "0.1.0",
          .build = "optimised",
          .folder = "/tmp",
          .folder_in_memory = false};
}

}  // namespace

TEST_CASE("the table shows medians, spreads and the ratio of each round", "[tools][bench]") {
  CHECK(bench_table({sample()}) ==
        "form       conns               hits/s [min .. max]  frames/s"
        "  CPU ns/hit [min .. max]  sender  MiB\n"
        "single        16  bare   2,000k [1,667k .. 2,500k]    2,000k"
        "         340 [330 .. 350]     310   20\n"
        "single        16  weir       625k [500k .. 1,000k]      625k"
        "   1,800 [1,700 .. 1,900]     310   20\n"
        "single        16  ratio        0.30 [0.25 .. 0.50]\n");
}

TEST_CASE("a pace is kept if no round took longer than it should", "[tools][bench]") {
  BenchResult paced = paced_sample();
  CHECK_FALSE(pace_kept(paced.of, {measure(1'000'000, 2.1, 1)}));
  CHECK(pace_kept(paced.of, {measure(1'000'000, 2.0, 1)}));
  CHECK(bench_table({paced}).empty());
  const std::string text = paced_table({paced});
  CHECK(text.find("500,000") != std::string::npos);
  CHECK(text.find("yes") != std::string::npos);
}

TEST_CASE("no line of the benchmark's text is wider than 100 columns", "[tools][bench]") {
  BenchResult acked = sample();
  acked.of.form = BenchForm::acked_50;
  BenchMachine memory = machine();
  memory.folder_in_memory = true;
  const std::vector<BenchResult> all{sample(), acked, paced_sample()};
  std::istringstream text{bench_table(all) + paced_table(all) + bench_footnotes(all, memory)};
  for (std::string line; std::getline(text, line);) CHECK(line.size() <= 100);
}

TEST_CASE("rounds that are too short to be trusted are warned of", "[tools][bench]") {
  BenchResult result = sample();
  CHECK(bench_footnotes({result}, machine()).find("warning") == std::string::npos);
  result.weir[1].elapsed_s = 0.1;
  CHECK(bench_footnotes({result}, machine()).find("warning: rounds of less") != std::string::npos);
}

TEST_CASE("a build that is not optimised is warned of", "[tools][bench]") {
  BenchMachine debug = machine();
  CHECK(bench_heading(debug).find("warning") == std::string::npos);
  debug.build = "not optimised";
  CHECK(bench_heading(debug).find("warning: this build is not optimised") != std::string::npos);
}

TEST_CASE("the longest gap is the longest of all rounds, and left out if nobody says it",
          "[tools][bench]") {
  BenchResult result = sample();
  CHECK(longest_pause_text({result}).empty());
  result.weir[0].longest_pause_us = 1'500;
  result.weir[2].longest_pause_us = 12'500;
  CHECK(longest_pause_text({result}).find("single, 16 connections: 12.5 ms") != std::string::npos);
}

TEST_CASE("each line of a flat run shows its own step under the hits so far", "[tools][bench]") {
  CHECK(flat_line(sample().of, {measure(1'000'000, 1, 900), measure(1'000'000, 2, 1'000)}) ==
        "     2,000,000       500k        1,000    10\n");
}

}  // namespace weir::tools
