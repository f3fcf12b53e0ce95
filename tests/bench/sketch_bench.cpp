// What the histogram costs: recording, merging, asking, writing.
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "schema/sketch.hpp"

namespace weir::test {
namespace {

using schema::Sketch;

std::vector<std::int64_t> durations_us(std::size_t count) {
  std::mt19937_64 random{1};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in every run
  std::lognormal_distribution<double> us{std::log(20'000.0), 0.8};
  std::vector<std::int64_t> values(count);
  for (std::int64_t& value : values) value = static_cast<std::int64_t>(us(random));
  return values;
}

Sketch sketch_of(std::size_t count) {
  Sketch sketch;
  for (const std::int64_t value : durations_us(count)) sketch.record(value);
  return sketch;
}

// From few values in a list to all octaves.
void sizes(benchmark::internal::Benchmark* bench) { bench->Arg(5)->Arg(100)->Arg(100'000); }

void sketch_record(benchmark::State& state) {
  const std::vector<std::int64_t> values = durations_us(100'000);
  Sketch sketch = sketch_of(static_cast<std::size_t>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    sketch.record(values[next]);
    next = next + 1 == values.size() ? 0 : next + 1;
  }
  benchmark::DoNotOptimize(sketch);
}
BENCHMARK(sketch_record)->Arg(100'000);

void sketch_merge(benchmark::State& state) {
  const Sketch from = sketch_of(static_cast<std::size_t>(state.range(0)));
  Sketch into = sketch_of(100'000);
  for (auto _ : state) into.merge(from);
  benchmark::DoNotOptimize(into);
}
BENCHMARK(sketch_merge)->Apply(sizes);

void sketch_four_percentiles(benchmark::State& state) {
  const Sketch sketch = sketch_of(static_cast<std::size_t>(state.range(0)));
  constexpr std::array<std::uint32_t, 4> kPpm{500'000, 900'000, 950'000, 990'000};
  std::array<std::int64_t, 4> out{};
  for (auto _ : state) {
    sketch.values_at(kPpm, out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK(sketch_four_percentiles)->Apply(sizes);

void sketch_serialise(benchmark::State& state) {
  const Sketch sketch = sketch_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(sketch.serialise());
}
BENCHMARK(sketch_serialise)->Apply(sizes);

void sketch_parse(benchmark::State& state) {
  const std::string bytes = sketch_of(static_cast<std::size_t>(state.range(0))).serialise();
  for (auto _ : state) benchmark::DoNotOptimize(Sketch::parse(bytes));
}
BENCHMARK(sketch_parse)->Apply(sizes);

}  // namespace
}  // namespace weir::test
