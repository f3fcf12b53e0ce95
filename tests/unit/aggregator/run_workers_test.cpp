#include <map>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "aggregator/run.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::RunState;
using schema::StartTestRun;
using schema::StopTestRun;
using test::events_of;
using test::hit;
using test::kNoon;
using test::message;
using test::new_run;
using test::numbered;
using test::tick_until;
using test::with_users;
using namespace std::chrono_literals;

using Events = std::vector<std::pair<RunEventKind, std::string>>;

TEST_CASE("workers join at their first message and are lost after silence",
          "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(message(hit(), "a"), kNoon);
  run.apply(message(hit(), "b"), kNoon + 1s);
  run.apply(message(hit(), "a"), kNoon + 10s);
  run.tick(kNoon + 15s + 999ms);
  CHECK(summarize(run, kNoon + 16s).workers_active == 2);
  run.tick(kNoon + 16s);
  CHECK(summarize(run, kNoon + 16s).workers_active == 1);
  CHECK(summarize(run, kNoon + 16s).workers_total == 2);
  run.tick(kNoon + 17s);
  CHECK(events_of(run) == Events{{RunEventKind::started, ""},
                                 {RunEventKind::worker_joined, "a"},
                                 {RunEventKind::worker_joined, "b"},
                                 {RunEventKind::worker_lost, "b"}});
  run.apply(message(hit(), "b"), kNoon + 20s);
  CHECK(summarize(run, kNoon + 20s).workers_active == 2);
  CHECK(events_of(run).back() == std::pair{RunEventKind::worker_joined, std::string("b")});
  CHECK(run.workers().at("b").messages == 2);
  CHECK(run.workers().at("b").first == kNoon + 1s);
  CHECK(run.workers().at("b").last == kNoon + 20s);
}

TEST_CASE("a worker that stopped is not active and cannot be lost", "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(message(StartTestRun{}, "a"), kNoon);
  run.apply(message(StartTestRun{}, "b"), kNoon);
  run.apply(message(StopTestRun{}, "a"), kNoon + 1s);
  CHECK(summarize(run, kNoon + 1s).workers_active == 1);
  for (int second = 1; second < 40; ++second) {
    run.apply(message(hit(), "b"), kNoon + std::chrono::seconds{second});
    run.tick(kNoon + std::chrono::seconds{second});
  }
  for (const auto& [kind, worker] : events_of(run)) CHECK(kind != RunEventKind::worker_lost);
}

TEST_CASE("messages without a worker are those of the unknown one", "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(message(hit(), ""), kNoon);
  run.apply(message(hit(), "unknown"), kNoon);
  REQUIRE(run.workers().size() == 1);
  CHECK(run.workers().at("unknown").messages == 2);
}

TEST_CASE("users are unknown until a worker tells them", "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  CHECK_FALSE(run.users());
  CHECK_FALSE(summarize(run, kNoon).users);
  run.apply(with_users(message(hit()), 0), kNoon);
  CHECK(run.users() == 0);
  CHECK(run.users_max() == 0);
}

TEST_CASE("users are the sum of the latest of every active worker", "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(with_users(message(StartTestRun{}, "a"), 5), kNoon);
  run.apply(with_users(message(hit(), "b"), 7), kNoon);
  CHECK(run.users() == 12);
  run.apply(message(hit(), "a"), kNoon);  // a status of nulls changes nothing
  CHECK(run.users() == 12);
  run.apply(with_users(message(hit(), "b"), 2), kNoon);
  CHECK(run.users() == 7);
  run.apply(with_users(message(hit(), "a"), 6), kNoon + 14s);
  run.tick(kNoon + 15s);  // b is lost
  CHECK(run.users() == 6);
  run.apply(message(hit(), "b"), kNoon + 16s);  // and back with the users it had
  CHECK(run.users() == 8);
  run.apply(message(StopTestRun{}, "a"), kNoon + 17s);
  CHECK(run.users() == 2);
  run.apply(message(StartTestRun{}, "a"), kNoon + 18s);
  CHECK(run.users() == 8);
  CHECK(run.users_max() == 12);
  CHECK(summarize(run, kNoon + 18s).users == 8);
}

TEST_CASE("users agree with a sum over workers at every moment of a random stream",
          "[aggregator][run][workers]") {
  struct Model {
    std::int64_t users = 0;
    int starts = 0, stops = 0;
    schema::Timestamp last;
    bool lost = false;
  };
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::mt19937_64 random{seed};
    Run run = new_run({}, {.end_grace = 1h, .idle_timeout = 1h});
    std::map<std::string, Model> workers;
    std::int64_t users_max = 0;
    const auto check = [&] {
      std::int64_t users = 0;
      for (const auto& [name, worker] : workers) {
        const bool done = worker.starts > 0 && worker.stops >= worker.starts;
        users += worker.lost || done ? 0 : worker.users;
      }
      users_max = std::max(users_max, users);
      REQUIRE(run.users().value_or(0) == users);
      REQUIRE(run.users_max().value_or(0) == users_max);
    };
    for (int i = 0; i < 2'000; ++i) {
      const schema::Timestamp now = kNoon + std::chrono::milliseconds{i * 700};
      const std::string name = "w" + std::to_string(random() % 40);
      Model& worker = workers[name];
      worker.last = now;
      worker.lost = false;
      schema::Message made = message(hit(), name);
      if (const auto kind = random() % 10; kind == 0) {
        made.body = StartTestRun{};
        ++worker.starts;
      } else if (kind == 1) {
        made.body = StopTestRun{};
        ++worker.stops;
      }
      if (random() % 2 == 0) {
        worker.users = static_cast<std::int64_t>(random() % 100);
        made.envelope.status.users = worker.users;
      }
      run.apply(made, now);
      check();
      if (i % 2 == 0) continue;
      for (auto& [other, model] : workers) {
        const bool done = model.starts > 0 && model.stops >= model.starts;
        if (!done && now - model.last >= 15s) model.lost = true;
      }
      run.tick(now);
      check();
    }
  }
}

TEST_CASE("absurd numbers of users cannot overflow the sum", "[aggregator][run][workers]") {
  Run run = new_run();
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 100; ++i) {
    run.apply(with_users(message(hit(), "w" + std::to_string(i)), kLargest), kNoon);
    run.apply(with_users(message(hit(), "n" + std::to_string(i)), -kLargest), kNoon);
  }
  CHECK(run.users() > 0);
  CHECK(run.users() < kLargest);
  for (int i = 0; i < 100; ++i) {
    run.apply(with_users(message(hit(), "w" + std::to_string(i)), 1), kNoon);
  }
  CHECK(run.users() == 100);
}

TEST_CASE("after the end no worker is active and no user is left", "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(with_users(message(StartTestRun{}, "a"), 5), kNoon);
  run.apply(with_users(message(hit(), "b"), 7), kNoon);
  run.end(RunState::aborted_by_system, kNoon + 1s);
  CHECK(summarize(run, kNoon + 1s).workers_active == 0);
  CHECK(summarize(run, kNoon + 1s).users == 0);
  CHECK(run.users_max() == 12);
  run.apply(with_users(message(hit(), "b"), 900), kNoon + 2s);
  run.tick(kNoon + 40s);
  run.apply(with_users(message(StartTestRun{}, "a"), 900), kNoon + 41s);
  run.tick(kNoon + 41s);
  CHECK(run.users() == 0);
  CHECK(run.users_max() == 12);
}

TEST_CASE("nobody joins or is lost after the end", "[aggregator][run][workers]") {
  Run run = new_run();
  run.apply(message(hit(), "a"), kNoon);
  run.tick(kNoon + 15s);
  run.end(RunState::finished, kNoon + 20s);
  run.apply(message(hit(), "a"), kNoon + 21s);
  run.apply(message(hit(), "new"), kNoon + 21s);
  run.tick(kNoon + 60s);
  CHECK(events_of(run).back().first == RunEventKind::finished);
  CHECK(summarize(run, kNoon + 60s).workers_total == 2);
}

TEST_CASE("a message known by its number is counted and not applied",
          "[aggregator][run][workers]") {
  Run run = new_run();
  CHECK_FALSE(run.apply(numbered(message(hit()), 1), kNoon).duplicate);
  CHECK(run.apply(numbered(message(hit()), 1), kNoon).duplicate);
  CHECK_FALSE(run.apply(numbered(message(hit()), 1, 7), kNoon).duplicate);
  CHECK_FALSE(run.apply(numbered(message(hit(), "w2"), 1), kNoon).duplicate);
  CHECK_FALSE(run.apply(numbered(message(hit()), 4), kNoon).duplicate);
  CHECK_FALSE(run.apply(message(hit()), kNoon).duplicate);
  CHECK(run.apply(with_users(numbered(message(StartTestRun{}), 1), 9), kNoon).duplicate);
  const schema::Summary summary = summarize(run, kNoon);
  CHECK(summary.hits.count == 5);
  CHECK(summary.duplicate == 2);
  CHECK(summary.missing == 2);
  CHECK_FALSE(summary.users);
  CHECK_FALSE(run.owes_stops());
  CHECK(run.workers().at("w1").messages == 4);
}

TEST_CASE("a number without an epoch says nothing, so that a restarted worker loses nothing",
          "[aggregator][run][workers]") {
  Run run = new_run();
  for (int start = 0; start < 2; ++start) {
    for (const std::uint64_t seq : {1U, 2U, 5U}) {
      schema::Message made = message(hit());
      made.envelope.seq = seq;
      CHECK_FALSE(run.apply(made, kNoon).duplicate);
    }
  }
  const schema::Summary summary = summarize(run, kNoon);
  CHECK(summary.hits.count == 6);
  CHECK(summary.missing == 0);
}

TEST_CASE("missing numbers of many workers add up without overflow", "[aggregator][run][workers]") {
  Run run = new_run();
  for (int i = 0; i < 10; ++i) {
    run.apply(numbered(message(hit(), "w" + std::to_string(i)),
                       std::numeric_limits<std::uint64_t>::max()),
              kNoon);
  }
  CHECK(summarize(run, kNoon).missing == 10 * SequenceTracker::kMaxMissing);
}

}  // namespace
}  // namespace weir::aggregator
