#include <chrono>
#include <iostream>
#include <random>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store_test;

namespace {

// Response times of a label: spread over two decades, as real ones are.
schema::SeriesRecord spread_series(std::mt19937_64& random, int hits) {
  std::lognormal_distribution<double> elapsed_us{10.0, 1.0};
  schema::SeriesRecord series;
  for (int i = 0; i < hits; ++i)
    series.elapsed.record(static_cast<std::int64_t>(elapsed_us(random)));
  series.bytes_sent = 100;
  series.bytes_received = 1'000;
  return series;
}

template <class F>
void measure(const char* what, F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << what << ": " << taken.count() << " s\n";
}

}  // namespace

// Not run by default: weir_store_tests "[speed]"
TEST_CASE("how long a large batch takes", "[.][speed]") {
  constexpr std::uint32_t kLabels = 10'000;
  constexpr int kHitsPerLabel = 100;
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  std::mt19937_64 random{1};
  schema::StoreBatch batch;
  batch.runs = {run_record(1)};
  for (std::uint32_t label = 1; label <= kLabels; ++label) {
    auto& row = batch.labels.emplace_back(
        label_record(1, label, "GET http://127.0.0.1:8080/api/items/" + std::to_string(label)));
    row.figures = spread_series(random, kHitsPerLabel);
    row.status = {{200, 90}, {500, 10}};
    auto& interval = batch.intervals.emplace_back();
    interval.run = 1;
    interval.label = label;
    interval.start = at_s(0);
    interval.length = schema::Elapsed{10'000'000};
    interval.figures = row.figures;
  }
  measure("10,000 new labels and intervals", [&] { must_write(writer, batch); });
  for (auto& interval : batch.intervals) interval.start = at_s(10);
  measure("10,000 labels replaced, 10,000 new intervals", [&] { must_write(writer, batch); });
  schema::StoreBatch late;
  late.intervals = batch.intervals;
  measure("10,000 intervals merged", [&] { must_write(writer, late); });
  schema::StoreBatch hits;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    hits.hits.push_back(hit_record(1, 1 + i % kLabels, 1'000));
  }
  measure("100,000 hits", [&] { must_write(writer, hits); });
  measure("checkpoint", [&] { REQUIRE(writer.checkpoint().has_value()); });
  std::cout << "file: " << std::filesystem::file_size(dir / "a.db") << " bytes\n";
}
