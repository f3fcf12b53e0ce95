// What a run costs: finding labels, applying hits, summarizing, keeping.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregator/label_table.hpp"
#include "aggregator/run.hpp"
#include "aggregator/run_bytes.hpp"
#include "aggregator/summarize.hpp"
#include "schema/summary_json.hpp"
#include "tests/support/bench_workload.hpp"

namespace weir::test {
namespace {

using aggregator::Run;

std::vector<std::string> texts(const std::string& before, std::int64_t count) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(before + std::to_string(i));
  return all;
}

// Hits of every label and worker in turn, with the texts they point to.
class Hits {
 public:
  Hits(std::int64_t labels, std::int64_t workers)
      : urls_(texts("http://shop.example.com:8080/api/items-", labels)),
        workers_(texts("load-host-", workers)) {
    for (std::size_t i = 0; i < std::max(urls_.size(), workers_.size()); ++i) {
      const auto us = static_cast<std::int64_t>(10'000 + i * 7'919 % 50'000);
      messages_.push_back(message(hit(urls_[i % urls_.size()], us), workers_[i % workers_.size()]));
    }
  }

  const schema::Message& next() {
    next_ = next_ + 1 >= messages_.size() ? 0 : next_ + 1;
    return messages_[next_];
  }
  std::size_t size() const { return messages_.size(); }

 private:
  std::vector<std::string> urls_, workers_;
  std::vector<schema::Message> messages_;
  std::size_t next_ = 0;
};

// A run in which every label has been hit a few times. Made once for each number of labels.
const Run& run_with(std::int64_t labels) {
  static std::map<std::int64_t, Run> runs;
  auto found = runs.find(labels);
  if (found == runs.end()) {
    found = runs.emplace(labels, new_run()).first;
    Hits hits{labels, 1};
    for (std::size_t i = 0; i < 8 * hits.size(); ++i) found->second.apply(hits.next(), kNoon);
  }
  return found->second;
}

void label_lookup(benchmark::State& state) {
  const std::vector<std::string> urls =
      texts("http://shop.example.com:8080/api/items-", state.range(0));
  std::vector<aggregator::HitTexts> hits;
  hits.reserve(urls.size());
  for (const std::string& url : urls) hits.push_back({"GET", url, {}});
  aggregator::LabelTable table{{}, {}};
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.find(hits[next]));
    next = next + 1 == hits.size() ? 0 : next + 1;
  }
}
BENCHMARK(label_lookup)->Arg(10)->Arg(500)->Arg(10'000);

void apply_hit(benchmark::State& state) {
  Hits hits{state.range(0), state.range(1)};
  aggregator::RunRegistry registry{{}, 1};
  for (std::size_t i = 0; i < hits.size(); ++i) {
    benchmark::DoNotOptimize(registry.apply(hits.next(), kNoon));
  }
  for (auto _ : state) benchmark::DoNotOptimize(registry.apply(hits.next(), kNoon));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(apply_hit)
    ->ArgNames({"labels", "workers"})
    ->Args({500, 1})
    ->Args({500, 1'000})
    ->Args({10'000, 1})
    ->Args({10'000, 1'000});

void decode_and_apply(benchmark::State& state, tools::BenchForm form) {
  const std::vector<std::string> frames = bench_frames(form, 1'000);
  schema::LoadsDecoder decoder;
  std::uint64_t messages = 0;
  std::size_t next = 0;
  aggregator::RunRegistry registry{{}, 1};
  BenchVisitor visitor{&registry};
  for (auto _ : state) {
    messages += decoder.decode(frames[next], visitor).messages;
    next = next + 1 == frames.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(messages));
}
// Only batches: the numbers of other messages would make them duplicates the second time.
BENCHMARK_CAPTURE(decode_and_apply, batch_50, tools::BenchForm::batch_50);
BENCHMARK_CAPTURE(decode_and_apply, acked_50, tools::BenchForm::acked_50);

void summarize(benchmark::State& state) {
  const Run& run = run_with(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(aggregator::summarize(run, kNoon + 1s));
}
BENCHMARK(summarize)->Arg(10)->Arg(500)->Arg(10'000);

void summary_to_json(benchmark::State& state) {
  const schema::Summary summary = aggregator::summarize(run_with(state.range(0)), kNoon + 1s);
  for (auto _ : state) benchmark::DoNotOptimize(schema::summary_to_json(summary));
}
BENCHMARK(summary_to_json)->Arg(10)->Arg(500);

void save_run(benchmark::State& state) {
  const Run& run = run_with(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(aggregator::save_run(run));
}
BENCHMARK(save_run)->Arg(500)->Arg(10'000);

}  // namespace
}  // namespace weir::test
