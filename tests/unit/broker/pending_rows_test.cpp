#include "broker/pending_rows.hpp"

#include <limits>

#include <catch2/catch.hpp>

using weir::broker::PendingRows;
using weir::schema::StoreBatch;
using weir::schema::Timestamp;

namespace {

constexpr Timestamp kStart{std::chrono::seconds{1'000}};

weir::schema::IntervalRecord interval(std::int64_t value_us, std::optional<std::int64_t> users) {
  weir::schema::IntervalRecord record;
  record.run = 1;
  record.start = kStart;
  record.length = std::chrono::seconds{1};
  record.users = users;
  record.figures.elapsed.record(value_us);
  record.figures.bytes_received = 10;
  return record;
}

StoreBatch tests_named(std::initializer_list<const char*> names) {
  StoreBatch batch;
  for (const char* name : names) batch.tests.emplace_back().test = name;
  return batch;
}

weir::schema::HitRecord hit(std::int64_t run) {
  weir::schema::HitRecord record;
  record.run = run;
  return record;
}

}  // namespace

TEST_CASE("a newer row of the same key takes the place of the older", "[broker][pending_rows]") {
  PendingRows pending(100);
  for (const std::uint64_t count : {1U, 2U, 3U}) {
    StoreBatch batch;
    batch.counters.push_back({.run = 1, .name = "widgets", .count = count});
    pending.add(std::move(batch));
  }
  const StoreBatch taken = pending.take();
  REQUIRE(taken.counters.size() == 1);
  CHECK(taken.counters[0].count == 3);
  CHECK(pending.rows() == 0);
  CHECK(pending.take().counters.empty());
}

TEST_CASE("rows of different keys are kept apart", "[broker][pending_rows]") {
  PendingRows pending(100);
  StoreBatch batch;
  for (const char* name : {"a", "b"}) {
    batch.workers.emplace_back().worker_id = name;
    batch.tests.emplace_back().test = name;
    batch.counters.emplace_back().name = name;
    batch.errors.emplace_back().class_name = name;
  }
  pending.add(std::move(batch));
  const StoreBatch taken = pending.take();
  REQUIRE(taken.workers.size() == 2);
  CHECK(taken.workers[1].worker_id == "b");
  REQUIRE(taken.tests.size() == 2);
  CHECK(taken.tests[1].test == "b");
  REQUIRE(taken.counters.size() == 2);
  CHECK(taken.counters[1].name == "b");
  REQUIRE(taken.errors.size() == 2);
  CHECK(taken.errors[1].class_name == "b");
}

TEST_CASE("intervals of the same start merge while they wait", "[broker][pending_rows]") {
  PendingRows pending(100);
  for (const auto users : {std::optional<std::int64_t>{7}, std::optional<std::int64_t>{}}) {
    StoreBatch batch;
    batch.intervals.push_back(interval(500, users));
    pending.add(std::move(batch));
  }
  const StoreBatch taken = pending.take();
  REQUIRE(taken.intervals.size() == 1);
  CHECK(taken.intervals[0].figures.elapsed.count() == 2);
  CHECK(taken.intervals[0].figures.bytes_received == 20);
  CHECK(taken.intervals[0].users == 7);
}

TEST_CASE("bytes that add up beyond 64 bits stop at the largest number", "[broker][pending_rows]") {
  PendingRows pending(100);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 2; ++i) {
    StoreBatch batch;
    batch.intervals.push_back(interval(500, 1));
    batch.intervals.back().figures.bytes_sent = kMost - 1;
    pending.add(std::move(batch));
  }
  CHECK(pending.take().intervals.at(0).figures.bytes_sent == kMost);
}

TEST_CASE("rejects of a reason add up while they wait", "[broker][pending_rows]") {
  PendingRows pending(100);
  for (int i = 0; i < 3; ++i) {
    StoreBatch batch;
    batch.rejects.push_back({.run = 0, .reason = "not_json", .count = 2});
    pending.add(std::move(batch));
  }
  const StoreBatch taken = pending.take();
  REQUIRE(taken.rejects.size() == 1);
  CHECK(taken.rejects[0].count == 6);
}

TEST_CASE("what waits is counted once, alone and once more has come", "[broker][pending_rows]") {
  PendingRows pending(100);
  StoreBatch batch = tests_named({"a", "b"});
  batch.hits = {hit(1), hit(1), hit(1)};
  batch.hits_not_kept.push_back({.run = 1, .count = 10});
  batch.marks.emplace_back().worker_id = "w";
  pending.add(std::move(batch));
  CHECK(pending.rows() == 5);
  CHECK(pending.hits() == 3);
  CHECK(pending.hits_not_kept() == 10);

  StoreBatch more = tests_named({"b", "c"});
  more.hits_not_kept.push_back({.run = 1, .count = 5});
  more.forgotten_senders = {"w"};
  pending.add(std::move(more));
  CHECK(pending.rows() == 6);
  CHECK(pending.hits() == 3);
  CHECK(pending.hits_not_kept() == 15);

  const StoreBatch taken = pending.take();
  CHECK(taken.tests.size() == 3);
  CHECK(taken.hits.size() == 3);
  REQUIRE(taken.hits_not_kept.size() == 1);
  CHECK(taken.hits_not_kept[0].count == 15);
  CHECK(taken.marks.empty());
  CHECK(taken.forgotten_senders.size() == 1);
  CHECK(pending.rows() == 0);
  CHECK(pending.hits() == 0);
  CHECK(pending.hits_not_kept() == 15);
}

TEST_CASE("raw hits take at most half of the rows, beyond it they are counted per run",
          "[broker][pending_rows]") {
  PendingRows pending(6);
  StoreBatch batch;
  for (int i = 0; i < 5; ++i) batch.hits.push_back(hit(i < 4 ? 1 : 2));
  batch.hits_not_kept.push_back({.run = 2, .count = 10});
  pending.add(std::move(batch));
  pending.add(tests_named({"a", "b", "c"}));

  CHECK(pending.hits_not_kept() == 12);
  CHECK(pending.rows_dropped() == 0);
  const StoreBatch taken = pending.take();
  CHECK(taken.hits.size() == 3);
  CHECK(taken.tests.size() == 3);
  REQUIRE(taken.hits_not_kept.size() == 2);
  CHECK(taken.hits_not_kept[0].count == 1);
  CHECK(taken.hits_not_kept[1].count == 11);
}

TEST_CASE("what comes while nothing waits is taken whole, more than fits is dropped and counted",
          "[broker][pending_rows]") {
  PendingRows pending(2);
  pending.add(tests_named({"a", "b", "c"}));
  CHECK(pending.rows_dropped() == 0);
  StoreBatch batch = tests_named({"c", "d"});
  batch.runs.emplace_back().run = 1;
  batch.sockets.emplace_back().run = 1;
  batch.rejects.push_back({.run = 1, .reason = "not_json", .count = 2});
  batch.events.emplace_back().run = 1;
  pending.add(std::move(batch));
  CHECK(pending.rows_dropped() == 4);
  const StoreBatch taken = pending.take();
  CHECK(taken.tests.size() == 3);
  CHECK(taken.runs.size() == 1);  // never: what else is known of it needs the row
  pending.add(tests_named({"d", "e", "f"}));
  CHECK(pending.take().tests.size() == 3);
  CHECK(pending.rows_dropped() == 4);
}

TEST_CASE("of states, marks and checkpoints the newest wait, also when there is no room for rows",
          "[broker][pending_rows]") {
  PendingRows pending(1);
  StoreBatch full = tests_named({"a"});
  pending.add(std::move(full));
  for (const std::uint64_t position : {5U, 9U}) {
    StoreBatch batch = tests_named({"no room"});
    batch.states = {{1, {"state at " + std::to_string(position)}}};
    batch.marks.push_back({"w", 3, position, kStart});
    batch.checkpoint = {.position = position};
    batch.synced = position == 5;
    pending.add(std::move(batch));
  }
  const StoreBatch taken = pending.take();
  REQUIRE(taken.states.size() == 1);
  CHECK(taken.states[0].parts.at(0) == "state at 9");
  REQUIRE(taken.marks.size() == 1);
  CHECK(taken.marks[0].worker_id == "w");
  CHECK(taken.marks[0].next_seq == 9);
  REQUIRE(taken.checkpoint);
  CHECK(taken.checkpoint->position == 9);
  CHECK(taken.synced);
  const StoreBatch nothing = pending.take();
  CHECK(nothing.states.empty());
  CHECK_FALSE(nothing.checkpoint);
  CHECK_FALSE(nothing.synced);
}
