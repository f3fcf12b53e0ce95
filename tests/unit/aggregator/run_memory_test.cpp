// What a hit costs in memory, measured by counting what operator new gives.
#include <cmath>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <malloc.h>

#include "aggregator/run_registry.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/run_messages.hpp"

namespace {

std::size_t allocations = 0;
std::size_t live_bytes = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);  // NOLINT(*-no-malloc)
  if (memory == nullptr) throw std::bad_alloc{};
  ++allocations;
  live_bytes += malloc_usable_size(memory);
  return memory;
}

// The library's own allocates elsewhere under a sanitizer, and what it gives comes back here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);  // NOLINT(*-no-malloc)
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace weir::aggregator {
namespace {

using test::hit;
using test::kNoon;
using test::message;
using test::new_run;
using namespace std::chrono_literals;

TEST_CASE("a hit of a known URL, worker and run allocates nothing", "[aggregator][run][memory]") {
  RunRegistry registry{{}, 1};
  std::vector<schema::Message> messages;
  std::vector<std::string> urls;
  for (int i = 0; i < 50; ++i) urls.push_back("http://h/api/items/" + std::to_string(i) + "?q=1");
  for (const std::string& url : urls) {
    for (const char* run_id : {"a", ""}) {
      schema::Message made = message(hit(url, 12'345));
      made.envelope.run_id = run_id;
      made.envelope.worker_id = "worker-0123456789-0123456789";
      made.envelope.status.users = 3;
      made.envelope.time = kNoon;
      messages.push_back(made);
    }
  }
  std::uint64_t seq = 0;
  const auto apply_all = [&] {
    for (schema::Message& made : messages) {
      made.envelope.seq = ++seq;
      CHECK(registry.apply(made, kNoon));
    }
  };
  // Until the sketches count instead of listing values.
  for (int i = 0; i < 1'100; ++i) apply_all();
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) apply_all();
  CHECK(allocations == before);
  CHECK(registry.runs().at(1).seconds().count() == 1'200 * messages.size());
}

TEST_CASE("a plain hit of any duration soon allocates nothing", "[aggregator][run][memory]") {
  Run run = new_run();
  const auto apply_all = [&] {
    for (std::int64_t elapsed = 1; elapsed < 60'000'000; elapsed = elapsed * 21 / 20 + 1) {
      run.apply(message(hit("http://h/a", elapsed)), kNoon);
    }
  };
  for (int i = 0; i < 5; ++i) apply_all();
  const std::size_t before = allocations;
  for (int i = 0; i < 20; ++i) apply_all();
  CHECK(allocations == before);
}

TEST_CASE("a long URL is not kept, however many different ones come", "[aggregator][run][memory]") {
  const std::size_t before = live_bytes;
  Run run = new_run({.labels_per_run = 1});
  std::string url = "http://h/" + std::string(50'000, 'x');
  for (int i = 0; i < 200; ++i) {
    url.replace(url.size() - 4, 4, std::to_string(1'000 + i));
    run.apply(message(hit(url)), kNoon);
  }
  const std::size_t url_bytes = url.capacity();
  CHECK(run.labels().urls_distinct() == 200);
  CHECK(run.seconds().count() == 200);
  CHECK(live_bytes - before < url_bytes + 50'000);
}

TEST_CASE("a million different URLs take little memory and every total is exact",
          "[aggregator][run][memory][slow]") {
  const std::size_t before = live_bytes;
  Run run = new_run({.labels_per_run = 1'000, .url_cache_per_run = 10'000});
  std::string url;
  std::uint64_t failed = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    // Letters, so that every URL is a template of its own.
    url = "http://h/";
    for (int rest = i; rest > 0; rest /= 16) url += static_cast<char>('g' + rest % 16);
    run.apply(message(hit(url, i % 5'000, i % 8 == 0 ? 500 : 200)),
              kNoon + std::chrono::microseconds{i * 10});
    failed += i % 8 == 0 ? 1U : 0U;
  }
  CHECK(live_bytes - before < 20'000'000);
  const schema::Summary summary = summarize(run, kNoon + 10s, {.labels_max = 2'000});
  CHECK(summary.hits.count == 1'000'000);
  CHECK(summary.hits.failed == failed);
  CHECK(summary.response.count == 1'000'000);
  CHECK(summary.labels_total == 1'001);
  CHECK(summary.labels.at(0).label == "GET (other)");
  CHECK(summary.labels.at(0).count == 999'000);
  std::uint64_t of_labels = 0;
  for (const schema::LabelSummary& label : summary.labels) of_labels += label.count;
  CHECK(of_labels == 1'000'000);
  CHECK(std::abs(static_cast<double>(summary.urls_distinct) / 1e6 - 1) < 0.05);
}

TEST_CASE("a million labels of a hit each are kept in 250 MB, ten thousand in 64",
          "[aggregator][run][memory][slow]") {
  for (const auto& [labels, most_bytes] :
       {std::pair<std::size_t, std::size_t>{1'000'000, 250'000'000},
        {LimitsConfig{}.labels_per_run, 64'000'000}}) {
    const std::size_t before = live_bytes;
    Run run = new_run({.labels_per_run = labels});
    std::string url;
    for (int i = 0; i < 1'000'000; ++i) {
      url = "http://127.0.0.1:8080/api/items/";
      for (int rest = i; rest > 0; rest /= 16) url += static_cast<char>('g' + rest % 16);
      run.apply(message(hit(url, 1'000 + i % 5'000)), kNoon + std::chrono::microseconds{i * 10});
    }
    CHECK(run.labels().size() >= labels);
    CHECK(live_bytes - before < most_bytes);
    run.tick(kNoon + 30s);
    while (run.close_some(1'000)) run.uncollected().intervals = {};
    run.uncollected().intervals = {};
    CHECK(live_bytes - before < most_bytes);
  }
}

TEST_CASE("tests that never stop take bounded memory", "[aggregator][run][memory]") {
  const std::size_t before = live_bytes;
  Run run = new_run({.tests_per_run = 10, .open_tests_per_run = 1'000});
  for (int i = 0; i < 50'000; ++i) {
    run.apply(message(schema::StartTest{"t" + std::to_string(i)}), kNoon);
  }
  CHECK(run.tests().unmeasured() == 49'000);
  CHECK(live_bytes - before < 500'000);
}

TEST_CASE("a wild stream of numbers takes bounded memory", "[aggregator][run][memory]") {
  const std::size_t before = live_bytes;
  Run run = new_run({.sequence_gaps = 100});
  for (std::uint64_t i = 1; i <= 50'000; ++i) {
    run.apply(test::numbered(message(hit()), 2 * i, i % 40), kNoon);
  }
  CHECK(live_bytes - before < 100'000);
}

}  // namespace
}  // namespace weir::aggregator
