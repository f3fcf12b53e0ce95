#include "broker/store_worker.hpp"

#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>

using weir::broker::StoreWorker;
using weir::broker::UpkeepStep;
using weir::schema::ErrorCode;
using weir::schema::Result;
using weir::schema::StoreBatch;

namespace {

StoreBatch counter(std::string name, std::uint64_t count) {
  StoreBatch batch;
  batch.counters.push_back({.run = 1, .name = std::move(name), .count = count});
  return batch;
}

}  // namespace

TEST_CASE("what was submitted is written before stop returns", "[broker][store_worker]") {
  std::vector<StoreBatch> written;
  StoreWorker worker(
      [&](const StoreBatch& batch) {
        written.push_back(batch);
        return Result<void>{};
      },
      100);
  worker.submit(counter("widgets", 1));
  worker.submit(counter("widgets", 2));
  CHECK(worker.stop(std::chrono::seconds{5}));
  REQUIRE_FALSE(written.empty());
  CHECK(written.back().counters[0].count == 2);
}

TEST_CASE("labels are written in the order of their numbers", "[broker][store_worker]") {
  std::vector<std::pair<std::int64_t, std::uint32_t>> written;
  StoreWorker worker(
      [&](const StoreBatch& batch) {
        for (const auto& row : batch.labels) written.emplace_back(row.run, row.label);
        return Result<void>{};
      },
      100);
  StoreBatch batch;
  for (const auto& [run, label] : {std::pair{1, 3U}, {2, 1U}, {1, 1U}, {1, 2U}}) {
    batch.labels.emplace_back().run = run;
    batch.labels.back().label = label;
  }
  worker.submit(std::move(batch));
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(written == decltype(written){{1, 1}, {1, 2}, {1, 3}, {2, 1}});
}

TEST_CASE("a failed batch is written again, and later rows wait behind it",
          "[broker][store_worker]") {
  std::vector<std::uint64_t> tried;
  std::promise<void> failed_once;
  StoreWorker worker(
      [&](const StoreBatch& batch) -> Result<void> {
        tried.push_back(batch.counters.at(0).count);
        if (tried.size() > 1) return {};
        failed_once.set_value();
        return weir::schema::fail(ErrorCode::io, "disk full");
      },
      100);
  worker.submit(counter("widgets", 1));
  failed_once.get_future().wait();
  worker.submit(counter("widgets", 2));
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(tried == std::vector<std::uint64_t>{1, 1, 2});
}

TEST_CASE("a store that refuses for good is given up after the patience, and stop says so",
          "[broker][store_worker]") {
  StoreWorker worker(
      [](const StoreBatch&) -> Result<void> {
        return weir::schema::fail(ErrorCode::io, "disk full");
      },
      100);
  worker.submit(counter("widgets", 1));
  CHECK_FALSE(worker.stop(std::chrono::milliseconds{50}));
}

TEST_CASE("after a failed sync nothing counts as safe any more", "[broker][store_worker]") {
  bool fails = true;
  StoreWorker worker(
      [&](const StoreBatch&) -> Result<void> {
        if (std::exchange(fails, false)) {
          return weir::schema::fail(ErrorCode::sync_failed, "sync failed");
        }
        return {};
      },
      100);
  StoreBatch batch;
  batch.checkpoint = {.position = 7};
  batch.synced = true;
  worker.submit(std::move(batch));
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(worker.stats().batches == 1);
  CHECK(worker.stats().sync_failed);
  CHECK(worker.stats().synced_position == 0);
}

TEST_CASE("submitting does not wait for a write under way", "[broker][store_worker]") {
  std::promise<void> writing, go_on;
  std::shared_future<void> allowed = go_on.get_future().share();
  std::atomic<int> writes = 0;
  StoreWorker worker(
      [&](const StoreBatch&) -> Result<void> {
        if (writes++ == 0) {
          writing.set_value();
          allowed.wait();
        }
        return {};
      },
      100);
  worker.submit(counter("a", 1));
  writing.get_future().wait();
  for (int i = 0; i < 1'000; ++i) worker.submit(counter("b", 1));
  CHECK(worker.stats().queue_rows == 1);
  go_on.set_value();
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(writes == 2);
}

TEST_CASE("a position is safe once a synced batch with it has been written",
          "[broker][store_worker]") {
  int failures = 1;
  StoreWorker worker(
      [&](const StoreBatch& batch) -> Result<void> {
        if (batch.synced && failures-- > 0) return weir::schema::fail(ErrorCode::io, "disk full");
        return {};
      },
      100);
  StoreBatch batch;
  batch.checkpoint = {.position = 7};
  worker.submit(StoreBatch{batch});
  while (worker.stats().batches == 0) std::this_thread::yield();
  CHECK(worker.stats().synced_position == 0);
  batch.checkpoint->position = 8;
  batch.synced = true;
  worker.submit(std::move(batch));
  while (worker.stats().write_errors == 0) std::this_thread::yield();
  CHECK(worker.stats().synced_position == 0);
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(worker.stats().synced_position == 8);
}

TEST_CASE("upkeep goes on by itself while there is more to do", "[broker][store_worker]") {
  std::promise<void> third;
  int steps = 0;
  StoreWorker worker([](const StoreBatch&) { return Result<void>{}; }, 100,
                     [&]() -> UpkeepStep {
                       if (++steps == 3) third.set_value();
                       return {.more = steps < 3, .expired = steps == 2, .file_bytes = 7};
                     });
  REQUIRE(third.get_future().wait_for(std::chrono::seconds{5}) == std::future_status::ready);
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(steps == 3);
  CHECK(worker.stats().runs_expired == 1);
  CHECK(worker.stats().file_bytes == 7);
}

TEST_CASE("a sync that fails in upkeep is as final as one of a batch", "[broker][store_worker]") {
  std::promise<void> done;
  StoreWorker worker([](const StoreBatch&) { return Result<void>{}; }, 100,
                     [&, steps = 0]() mutable -> UpkeepStep {
                       if (++steps == 2) done.set_value();
                       return {.more = true, .sync_failed = true};
                     });
  REQUIRE(done.get_future().wait_for(std::chrono::seconds{5}) == std::future_status::ready);
  CHECK(worker.stats().sync_failed);
}

TEST_CASE("a batch waits for one step of upkeep at most", "[broker][store_worker]") {
  std::promise<void> in_step, submitted, written;
  std::atomic<int> steps = 0;
  int steps_at_write = 0;
  StoreWorker worker(
      [&](const StoreBatch&) {
        steps_at_write = steps;
        written.set_value();
        return Result<void>{};
      },
      100,
      [&]() -> UpkeepStep {
        if (++steps == 1) {
          in_step.set_value();
          submitted.get_future().wait();
        }
        return {.more = true};
      });
  in_step.get_future().wait();
  worker.submit(counter("widgets", 1));
  submitted.set_value();
  REQUIRE(written.get_future().wait_for(std::chrono::seconds{5}) == std::future_status::ready);
  CHECK(worker.stop(std::chrono::seconds{5}));
  CHECK(steps_at_write == 1);
}
