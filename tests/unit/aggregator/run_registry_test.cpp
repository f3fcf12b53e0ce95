#include "aggregator/run_registry.hpp"

#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::ErrorCode;
using schema::RunState;
using schema::Timestamp;
using test::hit;
using test::kNoon;
using test::message;
using namespace std::chrono_literals;

// A registry that is fed as the broker feeds it.
struct Fed {
  explicit Fed(const LimitsConfig& limits = {}, std::int64_t next_run = 1,
               const std::vector<schema::ClosedRun>& closed = {})
      : registry({limits, {}, {}}, next_run, closed) {}

  schema::Result<Run*> send(std::string_view run_id, std::string_view worker, Timestamp now,
                            schema::Body body = hit()) {
    schema::Message made = message(std::move(body), worker);
    made.envelope.run_id = run_id;
    const auto taken = registry.apply(made, now);
    if (!taken) return tl::make_unexpected(taken.error());
    return taken->run;
  }
  // The run_id that a message was counted in, or the reason why in none.
  std::string place(std::string_view run_id, std::string_view worker, Timestamp now = kNoon) {
    const auto found = send(run_id, worker, now);
    return found ? (*found)->run_id() : std::string(to_string(found.error().code));
  }
  void tick(Timestamp now) {
    registry.tick(now, [this](Run& run) { forgotten.push_back(run.run_id()); });
  }
  Run& run(std::int64_t number) { return registry.runs().at(number); }

  RunRegistry registry;
  std::vector<std::string> forgotten;
};

TEST_CASE("a message goes to the run that it names", "[aggregator][run_registry]") {
  Fed fed;
  CHECK(fed.place("a", "w") == "a");
  CHECK(fed.place("b", "w") == "b");
  CHECK(fed.place("a", "x") == "a");
  CHECK(fed.registry.runs().size() == 2);
  CHECK(fed.registry.active() == 2);
  CHECK(fed.run(1).seconds().count() == 2);
  CHECK(fed.run(1).number() == 1);
  CHECK(fed.run(2).run_id() == "b");
}

TEST_CASE("a message without run_id goes where its worker was last", "[aggregator][run_registry]") {
  Fed fed;
  fed.place("a", "w");
  fed.place("b", "x");
  CHECK(fed.place("", "w") == "a");
  CHECK(fed.place("", "x") == "b");
  fed.place("b", "w");
  CHECK(fed.place("", "w") == "b");
  CHECK(fed.place("", "w") == "b");
}

TEST_CASE("unknown workers without run_id share the open anonymous run",
          "[aggregator][run_registry]") {
  Fed fed({}, 41);
  CHECK(fed.place("", "w") == "run-41");
  CHECK(fed.place("", "x") == "run-41");
  CHECK(fed.place("", "") == "run-41");
  CHECK(fed.place("named", "w") == "named");
  CHECK(fed.place("", "w") == "named");
  CHECK(fed.place("", "y") == "run-41");
  CHECK(fed.registry.runs().size() == 2);
  CHECK(fed.run(41).workers().size() == 4);
}

TEST_CASE("messages without worker and run are not those of another run's unknown worker",
          "[aggregator][run_registry]") {
  Fed fed;
  CHECK(fed.place("a", "") == "a");
  CHECK(fed.place("", "") == "run-2");
}

TEST_CASE("an anonymous run that ended is followed by another", "[aggregator][run_registry]") {
  Fed fed;
  CHECK(fed.place("", "w") == "run-1");
  fed.tick(kNoon + 60s);
  CHECK(fed.run(1).ended());
  CHECK(fed.place("", "w", kNoon + 61s) == "run-2");
  CHECK(fed.place("", "x", kNoon + 61s) == "run-2");
  CHECK(fed.place("run-1", "w", kNoon + 61s) == "run-1");
  CHECK(fed.run(1).late() == 1);
  CHECK(fed.place("", "w", kNoon + 61s) == "run-2");  // its last run is over
}

TEST_CASE("an anonymous run never takes the name of another", "[aggregator][run_registry]") {
  Fed fed({}, 1, {{4, "run-4"}, {5, "run-5"}});
  CHECK(fed.place("run-1", "w") == "run-1");
  CHECK(fed.place("run-2", "w") == "run-2");
  CHECK(fed.place("run-3", "w") == "run-3");
  CHECK(fed.place("run-7", "w") == "run-7");
  CHECK(fed.place("", "x") == "run-6");
  // Its number is the one in its name, so that either finds it.
  CHECK(fed.run(6).run_id() == "run-6");
}

TEST_CASE("a message that names the anonymous run joins it", "[aggregator][run_registry]") {
  Fed fed;
  CHECK(fed.place("", "w") == "run-1");
  CHECK(fed.place("run-1", "x") == "run-1");
  CHECK(fed.registry.runs().size() == 1);
}

TEST_CASE("an ended run takes messages for its late grace and none after",
          "[aggregator][run_registry]") {
  Fed fed;
  fed.place("a", "w");
  fed.tick(kNoon + 60s);
  REQUIRE(fed.run(1).closed_at() == kNoon + 60s);
  fed.tick(kNoon + 659s);
  CHECK(fed.place("a", "w", kNoon + 659s + 999ms) == "a");
  CHECK(fed.run(1).late() == 1);
  CHECK(fed.place("a", "w", kNoon + 660s) == "closed_run");
  CHECK(fed.forgotten.empty());
  fed.tick(kNoon + 660s);
  CHECK(fed.forgotten == std::vector<std::string>{"a"});
  CHECK(fed.registry.runs().empty());
  CHECK(fed.place("a", "w", kNoon + 661s) == "closed_run");
  CHECK(fed.place("", "w", kNoon + 661s) == "run-2");
}

TEST_CASE("runs known as closed from before take no messages", "[aggregator][run_registry]") {
  Fed fed({}, 9, {{3, "old"}});
  CHECK(fed.place("old", "w") == "closed_run");
  CHECK(fed.registry.runs().empty());
  CHECK(fed.place("new", "w") == "new");
  CHECK(fed.run(9).run_id() == "new");
}

TEST_CASE("the number of a run is known while it is open, ended or remembered as closed",
          "[aggregator][run_registry]") {
  Fed fed({}, 5, {{3, "old"}});
  CHECK(fed.registry.number_of("old") == 3);
  CHECK_FALSE(fed.registry.number_of("new"));
  REQUIRE(fed.place("new", "w") == "new");
  CHECK(fed.registry.number_of("new") == 5);
  fed.tick(kNoon + 60s);
  fed.tick(kNoon + 700s);
  REQUIRE(fed.registry.runs().empty());
  CHECK(fed.registry.number_of("new") == 5);
}

TEST_CASE("a number that comes in another run is found once, whatever comes after it",
          "[aggregator][run_registry]") {
  Fed fed;
  const auto send = [&](std::string_view run_id, std::uint64_t seq) {
    schema::Message made = test::numbered(message(hit(), "w"), seq, 7);
    made.envelope.run_id = run_id;
    REQUIRE(fed.registry.apply(made, kNoon));
  };
  for (const std::uint64_t seq : {1U, 5U}) send("a", seq);
  CHECK(fed.run(1).workers().at("w").sequence.missing() == 3);
  send("b", 2);
  for (int without_number = 0; without_number < 3; ++without_number) fed.place("b", "w");
  CHECK(fed.run(1).workers().at("w").sequence.missing() == 2);
}

TEST_CASE("the numbers of a worker go on in its next run", "[aggregator][run_registry]") {
  Fed fed;
  const auto send = [&](std::string_view run_id, std::uint64_t seq) {
    schema::Message made = test::numbered(message(hit(), "w"), seq, 7);
    made.envelope.run_id = run_id;
    return fed.registry.apply(made, kNoon)->run->workers().at("w").sequence.missing();
  };
  CHECK(send("a", 1) == 0);
  CHECK(send("a", 3) == 1);
  CHECK(send("b", 4) == 0);
  CHECK(send("b", 6) == 1);
  CHECK(fed.run(2).workers().at("w").sequence.duplicate() == 0);
}

TEST_CASE(
    "what a worker that takes turns between runs misses is counted once, where it was noticed",
    "[aggregator][run_registry]") {
  Fed fed;
  std::uint64_t applied = 0;
  const auto send = [&](std::string_view run_id, std::uint64_t seq) {
    schema::Message made = test::numbered(message(hit(), "w"), seq, 7);
    made.envelope.run_id = run_id;
    applied += fed.registry.apply(made, kNoon)->applied.duplicate ? 0U : 1U;
  };
  const auto missing = [&](std::int64_t run) {
    return fed.run(run).workers().at("w").sequence.missing();
  };
  for (std::uint64_t seq = 1; seq <= 20; ++seq) send(seq % 2 == 0 ? "a" : "b", seq);
  CHECK(missing(1) + missing(2) == 0);
  send("a", 25);
  CHECK(missing(2) == 4);
  send("b", 21);
  CHECK(missing(2) == 3);
  CHECK(missing(1) == 0);
  send("b", 21);
  send("a", 21);
  CHECK(applied == 22);
  for (const std::uint64_t seq : {22U, 23U, 24U}) send("b", seq);
  CHECK(missing(1) + missing(2) == 0);
  send("b", 26);
  send("a", 28);
  CHECK(missing(1) == 0);
  CHECK(missing(2) == 1);
  CHECK(applied == 27);
}

TEST_CASE("beyond the limit the oldest closed runs are forgotten", "[aggregator][run_registry]") {
  Fed fed({.closed_runs = 2}, 1, {{1, "a"}, {2, "b"}, {3, "a"}, {4, "c"}});
  CHECK(fed.place("b", "w") == "closed_run");
  CHECK(fed.place("c", "w") == "closed_run");
  CHECK(fed.place("a", "w") == "a");
}

TEST_CASE("beyond the limit of runs new ones are refused, known ones go on",
          "[aggregator][run_registry]") {
  Fed fed({.runs = 2});
  CHECK(fed.place("a", "w") == "a");
  CHECK(fed.place("", "x") == "run-2");
  CHECK(fed.place("c", "w") == "limit_runs");
  CHECK(fed.place("c", "y") == "limit_runs");
  CHECK(fed.place("a", "y") == "a");
  CHECK(fed.place("", "z") == "run-2");
  CHECK(fed.registry.runs().size() == 2);
}

TEST_CASE("near the limit of runs those that ended first make room", "[aggregator][run_registry]") {
  for (const std::size_t limit : {std::size_t{1}, std::size_t{2}, std::size_t{10}}) {
    CAPTURE(limit);
    Fed fed({.runs = limit});
    Timestamp now = kNoon;
    for (std::size_t i = 0; i < limit; ++i) {
      CHECK(fed.place("run " + std::to_string(i), "w", now) == "run " + std::to_string(i));
    }
    CHECK(fed.place("more", "w", now) == "limit_runs");
    // The last one ends first.
    Run& first = fed.run(static_cast<std::int64_t>(limit));
    first.end(RunState::finished, now + 1s);
    fed.run(1).end(RunState::finished, now + 2s);
    fed.tick(now + 3s);
    CHECK(fed.forgotten == std::vector<std::string>{"run " + std::to_string(limit - 1)});
    CHECK(fed.place("more", "w", now + 3s) == "more");
    CHECK(fed.place("run " + std::to_string(limit - 1), "w", now + 3s) == "closed_run");
  }
}

TEST_CASE("a run is there for the rest of the tick that ended it", "[aggregator][run_registry]") {
  Fed fed({.runs = 1});
  fed.place("a", "w");
  fed.tick(kNoon + 60s);
  CHECK(fed.run(1).ended());
  CHECK(fed.forgotten.empty());
  fed.tick(kNoon + 61s);
  CHECK(fed.forgotten == std::vector<std::string>{"a"});
}

TEST_CASE("beyond the limit of workers of a run new ones are refused",
          "[aggregator][run_registry]") {
  Fed fed({.workers_per_run = 2});
  CHECK(fed.place("a", "w") == "a");
  CHECK(fed.place("a", "") == "a");  // the unknown worker is one
  CHECK(fed.place("a", "x") == "limit_workers");
  CHECK(fed.place("a", "w") == "a");
  CHECK(fed.place("a", "") == "a");
  CHECK(fed.place("b", "x") == "b");
  CHECK(fed.place("", "x") == "b");
  CHECK(fed.run(1).workers().size() == 2);
}

TEST_CASE("the limit of workers counts those of every run", "[aggregator][run_registry]") {
  Fed fed({.workers = 3});
  CHECK(fed.place("a", "w") == "a");
  CHECK(fed.place("b", "w") == "b");
  CHECK(fed.place("b", "x") == "b");
  CHECK(fed.place("c", "w") == "limit_workers");
  CHECK(fed.place("a", "x") == "limit_workers");
  CHECK(fed.place("a", "") == "limit_workers");
  CHECK(fed.place("", "y") == "limit_workers");
  CHECK(fed.place("a", "w") == "a");
  CHECK(fed.place("b", "x") == "b");
  // A refused message leaves no empty run behind.
  CHECK(fed.registry.runs().size() == 2);
  // Workers of forgotten runs no longer count.
  fed.tick(kNoon + 60s);
  fed.tick(kNoon + 660s);
  CHECK(fed.registry.runs().empty());
  for (const char* worker : {"u", "v", "w"}) CHECK(fed.place("d", worker, kNoon + 700s) == "d");
  CHECK(fed.place("d", "x", kNoon + 700s) == "limit_workers");
}

TEST_CASE("many anonymous names that are taken cost their search once",
          "[aggregator][run_registry]") {
  std::vector<schema::ClosedRun> taken;
  for (int i = 1; i <= 50'000; ++i) taken.push_back({i, "run-" + std::to_string(i)});
  Fed fed({.runs = 1}, 1, taken);
  CHECK(fed.place("", "w") == "run-50001");
  for (int i = 0; i < 20'000; ++i) REQUIRE(fed.place("other", "x") == "limit_runs");
  fed.tick(kNoon + 60s);
  fed.tick(kNoon + 61s);
  CHECK(fed.place("", "w", kNoon + 61s) == "run-50002");
}

TEST_CASE("when the broker stops, runs that owe a stop are aborted and others finished",
          "[aggregator][run_registry]") {
  Fed fed;
  CHECK(fed.send("owes", "w", kNoon, schema::StartTestRun{}));
  CHECK(fed.send("hits", "w", kNoon));
  CHECK(fed.send("timed out", "x", kNoon, schema::StartTestRun{}));
  fed.run(3).end(RunState::timed_out, kNoon + 1s);
  CHECK(fed.registry.active() == 2);
  fed.registry.end_all(kNoon + 2s);
  CHECK(fed.run(1).state() == RunState::aborted_by_system);
  CHECK(fed.run(2).state() == RunState::finished);
  CHECK(fed.run(3).state() == RunState::timed_out);
  CHECK(fed.registry.active() == 0);
}

TEST_CASE("every run is forgotten once, in the order of their ends", "[aggregator][run_registry]") {
  Fed fed;
  for (int i = 0; i < 200; ++i) {
    const Timestamp now = kNoon + std::chrono::seconds{10 * i};
    CHECK(fed.place("run " + std::to_string(i), "w" + std::to_string(i % 7), now) ==
          "run " + std::to_string(i));
    fed.tick(now);
    CHECK(fed.registry.runs().size() < 70);
  }
  fed.tick(kNoon + 3'000s);
  fed.tick(kNoon + 4'000s);
  CHECK(fed.registry.runs().empty());
  REQUIRE(fed.forgotten.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) CHECK(fed.forgotten[i] == "run " + std::to_string(i));
}

}  // namespace
}  // namespace weir::aggregator
