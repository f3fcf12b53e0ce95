#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "aggregator/run_bytes.hpp"
#include "aggregator/run_registry.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::RunState;
using schema::Timestamp;
using test::hit;
using test::kNoon;
using test::message;
using namespace std::chrono_literals;

// The run_id that a message was counted in, or the reason why in none.
std::string place(RunRegistry& registry, std::string_view run_id, std::string_view worker,
                  Timestamp now = kNoon) {
  schema::Message made = message(hit(), worker);
  made.envelope.run_id = run_id;
  const auto taken = registry.apply(made, now);
  return taken ? taken->run->run_id() : std::string(to_string(taken.error().code));
}

// The registry of the broker's next life.
RunRegistry restarted(RunRegistry& before, const Settings& settings = {}) {
  std::vector<Run> runs;
  for (const auto& [number, run] : before.runs()) {
    auto loaded = load_run(save_run(run), settings);
    REQUIRE(loaded);
    runs.insert(runs.begin(), std::move(*loaded));  // in any order
  }
  RunRegistry registry{settings, 1};
  registry.restore(std::move(runs), before.anonymous_run());
  return registry;
}

void tick(RunRegistry& registry, Timestamp now) {
  registry.tick(now, [](Run&) {});
}

TEST_CASE("restored runs are found by their names, workers and as the anonymous one",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 7};
  CHECK(before.anonymous_run() == 0);
  place(before, "a", "w");
  place(before, "", "free");
  place(before, "b", "x");
  CHECK(before.anonymous_run() == 8);
  RunRegistry registry = restarted(before);
  CHECK(registry.runs().size() == 3);
  CHECK(registry.active() == 3);
  CHECK(registry.anonymous_run() == 8);
  CHECK(registry.next_run() == 10);
  CHECK(registry.number_of("b") == 9);
  CHECK(place(registry, "", "w") == "a");
  CHECK(place(registry, "", "x") == "b");
  CHECK(place(registry, "", "free") == "run-8");
  CHECK(place(registry, "", "new") == "run-8");
  CHECK(place(registry, "", "") == "run-8");
  CHECK(place(registry, "b", "w") == "b");
  CHECK(place(registry, "c", "w") == "c");
  CHECK(registry.number_of("c") == 10);
}

TEST_CASE("a worker counts as last in the restored run that heard of it last",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  place(before, "a", "w", kNoon);
  place(before, "b", "w", kNoon + 1s);
  place(before, "a", "w", kNoon + 2s);
  place(before, "b", "tie", kNoon);
  place(before, "c", "tie", kNoon);
  RunRegistry registry = restarted(before);
  CHECK(place(registry, "", "w", kNoon + 3s) == "a");
  CHECK(place(registry, "", "tie", kNoon + 3s) == "c");
}

TEST_CASE("the numbers of a worker go on from its restored run to its next one",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  const auto missing = [](RunRegistry& registry, std::string_view run_id, std::uint64_t seq) {
    schema::Message made = test::numbered(message(hit(), "w"), seq, 7);
    made.envelope.run_id = run_id;
    return registry.apply(made, kNoon)->run->workers().at("w").sequence.missing();
  };
  CHECK(missing(before, "a", 1) == 0);
  RunRegistry registry = restarted(before);
  CHECK(missing(registry, "b", 2) == 0);
}

TEST_CASE("restored runs count for the limits of runs and workers and are all taken in",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  for (const char* run : {"a", "b", "c"}) place(before, run, "w");
  const Settings tight{{.runs = 2, .workers = 3}, {}, {}};
  RunRegistry registry = restarted(before, tight);
  CHECK(registry.runs().size() == 3);
  CHECK(place(registry, "a", "w") == "a");
  CHECK(place(registry, "a", "x") == "limit_workers");
  CHECK(place(registry, "", "w") == "a");
  registry.end_all(kNoon + 1s);
  tick(registry, kNoon + 2s);
  CHECK(registry.runs().size() == 1);

  RunRegistry roomier = restarted(before, {{.runs = 3, .workers = 9}, {}, {}});
  CHECK(place(roomier, "d", "w") == "limit_runs");
}

TEST_CASE("of restored runs with the same number or run_id one is taken in",
          "[aggregator][run_registry]") {
  std::vector<Run> runs;
  runs.emplace_back(1, "a", kNoon, Settings{});
  runs.emplace_back(1, "b", kNoon, Settings{});
  runs.emplace_back(2, "a", kNoon, Settings{});
  RunRegistry registry{{}, 1};
  registry.restore(std::move(runs), 5);
  CHECK(registry.runs().size() == 1);
  CHECK(registry.anonymous_run() == 0);
  CHECK(place(registry, "a", "w") == "a");
  tick(registry, kNoon + 1s);
}

TEST_CASE("a restored run whose late grace is over is forgotten at the next tick",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  place(before, "a", "w");
  tick(before, kNoon + 60s);
  RunRegistry registry = restarted(before);
  tick(registry, kNoon + 659s);
  CHECK(registry.runs().size() == 1);
  CHECK(place(registry, "a", "w", kNoon + 659s) == "a");
  CHECK(registry.runs().at(1).late() == 1);
  tick(registry, kNoon + 660s);
  CHECK(registry.runs().empty());
  CHECK(place(registry, "a", "w", kNoon + 661s) == "closed_run");
}

TEST_CASE("when the broker is back the clocks of all open runs start anew",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  place(before, "a", "w");
  place(before, "b", "x");
  before.runs().at(2).end(RunState::finished, kNoon + 1s);
  RunRegistry registry = restarted(before);
  registry.resume(kNoon + 100s);
  tick(registry, kNoon + 159s);
  CHECK(registry.active() == 1);
  tick(registry, kNoon + 160s);
  CHECK(registry.runs().at(1).state() == RunState::aborted_by_system);
  CHECK(registry.runs().at(2).state() == RunState::finished);
}

TEST_CASE("hits that were read back are not those since the last summary",
          "[aggregator][run_registry]") {
  RunRegistry registry{{}, 1};
  for (int i = 0; i < 5; ++i) place(registry, "a", "w");
  registry.resume(kNoon + 1s);
  const Run& run = registry.runs().at(1);
  CHECK(run.seconds().count() == 5);
  CHECK(run.since_summary().count() == 0);
}

TEST_CASE("messages without run_id reopen the run of their worker and the anonymous one",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  place(before, "a", "w");
  place(before, "", "free");
  before.end_all(kNoon + 1s);
  CHECK(before.active() == 0);
  RunRegistry registry = restarted(before);
  registry.resume(kNoon + 100s);
  tick(registry, kNoon + 100s);
  CHECK(registry.active() == 0);
  CHECK(place(registry, "", "w", kNoon + 100s) == "a");
  CHECK(registry.active() == 1);
  CHECK(place(registry, "", "new", kNoon + 100s) == "run-2");
  CHECK(registry.active() == 2);
  CHECK(place(registry, "", "free", kNoon + 100s) == "run-2");
  CHECK(registry.runs().at(1).late() + registry.runs().at(2).late() == 0);
}

TEST_CASE("a worker that joins a stopped run from another reopens it first",
          "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  place(before, "a", "w");
  place(before, "b", "x");
  before.end_all(kNoon + 1s);
  RunRegistry registry = restarted(before);
  for (auto& [number, run] : registry.runs()) run.uncollected().events.clear();
  CHECK(place(registry, "b", "w", kNoon + 10s) == "b");
  using Events = std::vector<std::pair<RunEventKind, std::string>>;
  CHECK(test::events_of(registry.runs().at(2)) ==
        Events{{RunEventKind::reopened, ""}, {RunEventKind::worker_joined, "w"}});
}

TEST_CASE("a stopped run is not reopened after its late grace", "[aggregator][run_registry]") {
  RunRegistry before{{}, 1};
  place(before, "a", "w");
  place(before, "", "free");
  before.end_all(kNoon + 1s);
  RunRegistry registry = restarted(before);
  const Timestamp after = kNoon + 601s;
  CHECK(place(registry, "a", "w", after) == "closed_run");
  CHECK(place(registry, "", "free", after) == "run-3");
  CHECK(place(registry, "", "w", after) == "run-3");
  CHECK(registry.active() == 1);
}

}  // namespace
}  // namespace weir::aggregator
