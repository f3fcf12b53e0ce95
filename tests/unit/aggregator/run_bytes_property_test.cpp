// A broker that is interrupted again and again against one that never is.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "aggregator/collect.hpp"
#include "aggregator/run_bytes.hpp"
#include "aggregator/run_registry.hpp"
#include "aggregator/summarize.hpp"
#include "schema/summary_json.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/random_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::Timestamp;
using test::kNoon;
using namespace std::chrono_literals;

constexpr std::size_t kAll = 100'000;

Settings roomy() {
  return {{}, {.end_grace = 3s, .idle_timeout = 10s, .late_grace = 45s, .worker_lost = 4s}, {}};
}

Settings tight() {
  Settings settings = roomy();
  settings.limits.labels_per_run = 12;
  settings.limits.methods_per_run = 3;
  settings.limits.url_cache_per_run = 20;
  settings.limits.tests_per_run = 6;
  settings.limits.open_tests_per_run = 9;
  settings.limits.counters_per_run = 3;
  settings.limits.errors_per_run = 5;
  settings.limits.late_intervals_per_run = 8;
  settings.limits.sequence_gaps = 3;
  settings.limits.workers_per_run = 6;
  settings.limits.workers = 20;
  settings.limits.runs = 4;
  settings.limits.text_bytes = 24;
  return settings;
}

// A broker's runs and what it stored of them.
class Life {
 public:
  explicit Life(const Settings& settings) : settings_(settings) { registry_.emplace(settings, 1); }

  void receive(const schema::Message& message, Timestamp now) {
    const auto taken = registry_->apply(message, now);
    if (!taken) refused_ += std::string(to_string(taken.error().code)) + " ";
  }

  void tick(Timestamp now, bool store) {
    registry_->tick(now, [this](Run& run) {
      write(run, true);
      closed_.push_back({run.number(), run.run_id()});
    });
    if (!store) return;
    for (auto& [number, run] : registry_->runs()) write(run, false);
  }

  // What is in memory goes, but for what its bytes hold.
  void restart() {
    std::vector<Run> loaded;
    for (const auto& [number, run] : registry_->runs()) {
      const std::string bytes = save_run(run);
      auto again = load_run(bytes, settings_);
      REQUIRE(again);
      CHECK(save_run(*again) == bytes);
      loaded.push_back(std::move(*again));
    }
    const std::int64_t anonymous = registry_->anonymous_run();
    registry_.emplace(settings_, registry_->next_run(), closed_);
    registry_->restore(std::move(loaded), anonymous);
  }

  // The figures of all runs, without last_s.
  std::string figures(Timestamp now) {
    std::string text = refused_ + "\n";
    for (const auto& [number, run] : registry_->runs()) {
      schema::Summary summary = summarize(run, now, {.labels_max = kAll, .errors_max = kAll});
      summary.last.reset();
      text += schema::summary_to_json(summary,
                                      {.labels_max = kAll, .errors_max = kAll, .tracebacks = true});
      text += std::to_string(run.late_samples_not_placed()) + " " +
              std::to_string(run.tests().unmeasured()) + "\n";
    }
    return text;
  }

  void store_all() {
    for (auto& [number, run] : registry_->runs()) write(run, true);
  }
  const test::MemoryStore& stored() const { return store_; }
  std::size_t closed() const { return closed_.size(); }
  const std::string& refused() const { return refused_; }

 private:
  void write(Run& run, bool all) {
    schema::StoreBatch batch;
    collect(run, batch, all);
    for (const RunEvent& event : std::exchange(run.uncollected().events, {})) {
      batch.events.push_back({.run = run.number(),
                              .time = event.time,
                              .kind = std::string(to_string(event.kind)),
                              .detail = event.worker_id});
    }
    store_.apply(batch);
  }

  Settings settings_;
  std::optional<RunRegistry> registry_;
  std::vector<schema::ClosedRun> closed_;
  std::string refused_;
  test::MemoryStore store_;
};

// Returns how often the second broker was interrupted.
int compare(const Settings& settings, std::uint64_t seed, std::string& refused) {
  test::RandomMessages messages{seed};
  Life steady{settings}, interrupted{settings};
  int restarts = 0;
  Timestamp now = kNoon;
  const auto compare_figures = [&] { REQUIRE(interrupted.figures(now) == steady.figures(now)); };
  const auto maybe_restart = [&](std::uint64_t one_in) {
    if (messages.below(one_in) != 0) return;
    interrupted.restart();
    ++restarts;
    compare_figures();
  };
  for (int step = 0; step < 150; ++step) {
    for (auto left = messages.below(25); left > 0; --left) {
      now += 1ms * static_cast<int>(1 + messages.below(40));
      messages.next(now, [&](const schema::Message& message) {
        steady.receive(message, now);
        interrupted.receive(message, now);
      });
      maybe_restart(150);
    }
    now += step % 50 == 49 ? 25s : 700ms;  // now and then all is quiet until the runs are over
    const bool store = messages.below(3) != 0;
    steady.tick(now, store);
    interrupted.tick(now, store);
    maybe_restart(8);
  }
  compare_figures();
  steady.store_all();
  interrupted.store_all();
  REQUIRE(interrupted.stored().difference(steady.stored()) == "");
  CHECK(steady.closed() > 1);
  refused += steady.refused();
  return restarts;
}

TEST_CASE("runs that are interrupted and go on equal those that never were",
          "[aggregator][run_bytes]") {
  int restarts = 0;
  std::string refused;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    restarts += compare(roomy(), seed, refused);
    restarts += compare(tight(), seed, refused);
  }
  CHECK(restarts > 80);
  // The streams do reach the limits and the ends of runs.
  for (const char* reason : {"closed_run", "limit_workers"}) {
    CHECK(refused.find(reason) != std::string::npos);
  }
}

}  // namespace
}  // namespace weir::aggregator
