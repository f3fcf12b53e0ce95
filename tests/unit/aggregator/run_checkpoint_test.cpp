#include "aggregator/run_checkpoint.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "aggregator/collect.hpp"
#include "aggregator/run_bytes.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::StoreBatch;
using test::kNoon;
using test::labelled;
using test::message;
using test::new_run;
using test::timed;
using namespace std::chrono_literals;

// The same hits for every run that is given the same seed.
class Traffic {
 public:
  explicit Traffic(unsigned seed) : random_(seed) {}

  void send(Run& run, schema::Timestamp from, int hits, unsigned labels) {
    for (int i = 0; i < hits; ++i) {
      const schema::Timestamp now = from + std::chrono::milliseconds{i * 20};
      const std::string label = "l" + std::to_string(random_() % labels);
      schema::AddHit made = labelled(label);
      made.elapsed = schema::Elapsed{static_cast<std::int64_t>(random_() % 100'000)};
      made.status = random_() % 5 == 0 ? 500 : 200;
      const auto before = std::chrono::milliseconds{random_() % 25'000};
      run.apply(timed(message(made), std::max(kNoon, now - before)), now);
      if (i % 50 == 0) run.tick(now);
    }
  }

 private:
  std::mt19937 random_;
};

std::string joined(const StoreBatch& batch) {
  const auto& parts = batch.states.at(0).parts;
  return std::accumulate(parts.begin(), parts.end(), std::string{});
}

TEST_CASE("a checkpoint is of the moment it began, whatever comes before it is complete",
          "[aggregator][run_checkpoint]") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    for (const std::size_t at_a_time : {1U, 7U, 1'000U}) {
      Run run = new_run(), twin = new_run();
      Traffic(seed).send(run, kNoon, 2'000, 150);
      Traffic(seed).send(twin, kNoon, 2'000, 150);
      StoreBatch expected;
      collect_all_but_labels(twin, expected);
      const std::string bytes = save_run(twin);
      for (std::uint32_t label = 1; label <= twin.label_figures().size(); ++label) {
        collect_label(twin, label, expected, false);
      }

      RunCheckpoint checkpoint{run, false};
      Traffic later{seed + 100};
      schema::Timestamp now = kNoon + 40s;
      do {
        later.send(run, now, 60, 170);
        now += 1s;
        run.close_some(3);
      } while (checkpoint.step(at_a_time));
      StoreBatch batch;
      checkpoint.move_into(batch);
      CHECK(joined(batch) == bytes);
      test::MemoryStore there, here;
      there.apply(expected);
      here.apply(batch);
      CHECK(here.difference(there).empty());
    }
  }
}

TEST_CASE("what comes while a checkpoint is made is in the next one",
          "[aggregator][run_checkpoint]") {
  Run run = new_run();
  Traffic(5).send(run, kNoon, 1'000, 100);
  StoreBatch first, second;
  {
    RunCheckpoint checkpoint{run, false};
    run.apply(message(labelled("l1")), kNoon + 20s);
    run.apply(message(labelled("new")), kNoon + 20s);
    while (checkpoint.step(10)) continue;
    checkpoint.move_into(first);
  }
  RunCheckpoint checkpoint{run, false};
  while (checkpoint.step(10)) continue;
  checkpoint.move_into(second);
  CHECK(first.labels.size() == 100);
  REQUIRE(second.labels.size() == 2);
  CHECK(second.labels[0].text == "l1");
  CHECK(second.labels[1].text == "new");
  const auto again = load_run(joined(second), {});
  REQUIRE(again);
  CHECK(save_run(*again) == save_run(run));
}

TEST_CASE("a checkpoint of all has the rows of labels that did not change",
          "[aggregator][run_checkpoint]") {
  Run run = new_run();
  Traffic(5).send(run, kNoon, 500, 10);
  const auto rows = [&run](bool all) {
    StoreBatch batch;
    RunCheckpoint checkpoint{run, all};
    while (checkpoint.step(3)) continue;
    checkpoint.move_into(batch);
    return batch.labels.size();
  };
  CHECK(rows(false) == 10);
  CHECK(rows(false) == 0);
  CHECK(rows(true) == 10);
}

}  // namespace
}  // namespace weir::aggregator
