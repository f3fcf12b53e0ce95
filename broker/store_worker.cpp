#include "broker/store_worker.hpp"

#include <algorithm>
#include <utility>

#include "broker/log.hpp"

namespace weir::broker {

using Clock = std::chrono::steady_clock;
using schema::StoreBatch;

StoreWorker::StoreWorker(Write write, std::size_t rows_max, Upkeep upkeep)
    : write_(std::move(write)),
      upkeep_(std::move(upkeep)),
      next_upkeep_(upkeep_ ? Clock::now() : Clock::time_point::max()),
      pending_(rows_max),
      thread_([this] { run(); }) {}

StoreWorker::~StoreWorker() {
  if (thread_.joinable()) stop(std::chrono::milliseconds{0});
}

std::uint64_t StoreWorker::submit(StoreBatch&& batch) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    pending_.add(std::move(batch));
    waiting_ = true;
    number = ++submitted_;
  }
  bell_.notify_one();
  return number;
}

void StoreWorker::ring_when_written(Bell* bell) {
  const std::lock_guard lock(mutex_);
  written_bell_ = bell;
}

StoreStats StoreWorker::stats() const {
  const std::lock_guard lock(mutex_);
  StoreStats stats = stats_;
  stats.queue_rows = pending_.rows();
  stats.queue_hits = pending_.hits();
  stats.rows_dropped = pending_.rows_dropped();
  stats.hits_not_kept = pending_.hits_not_kept();
  return stats;
}

bool StoreWorker::stop(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    deadline_ = Clock::now() + patience;
  }
  bell_.notify_one();
  thread_.join();
  return !gave_up_;
}

void StoreWorker::run() {
  StoreBatch batch;
  bool got = false;
  while (wait_for_batch(batch, got)) {
    if (got) {
      // Labels get their ids in the order of their numbers, which is that of reports; a checkpoint
      // collects them in the order in which they changed.
      std::ranges::sort(batch.labels, {}, [](const schema::LabelRecord& row) {
        return std::pair{row.run, row.label};
      });
      if (!write_until_done(batch)) return;
      batch = {};  // here, where nobody waits for it
    }
    if (Clock::now() >= next_upkeep_) keep_up();
  }
}

// Returns without one when it is time for upkeep.
bool StoreWorker::wait_for_batch(StoreBatch& batch, bool& got) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return waiting_ || stopping_; };
  if (!upkeep_) {
    bell_.wait(lock, ready);
  } else {
    bell_.wait_until(lock, next_upkeep_, ready);
  }
  got = std::exchange(waiting_, false);
  if (got) {
    batch = pending_.take();
    taken_ = submitted_;
  }
  return got || !stopping_;
}

// False: it was given up.
bool StoreWorker::write_until_done(const StoreBatch& batch) {
  while (!write(batch)) {
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, kRetry, [this] { return stopping_; });
    if (stopping_ && Clock::now() >= deadline_) {
      gave_up_ = true;
      return false;
    }
    // While stopping the predicate above is true at once, so the pause is made here.
    if (stopping_) bell_.wait_for(lock, std::chrono::milliseconds{50}, [] { return false; });
  }
  return true;
}

void StoreWorker::keep_up() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
  const UpkeepStep done = upkeep_();
  next_upkeep_ = done.more ? Clock::now() : Clock::now() + kUpkeepEvery;
  const std::lock_guard lock(mutex_);
  if (done.expired) ++stats_.runs_expired;
  stats_.sync_failed = stats_.sync_failed || done.sync_failed;
  stats_.file_bytes = done.file_bytes;
  stats_.wal_bytes = done.wal_bytes;
}

bool StoreWorker::write(const StoreBatch& batch) {
  const Clock::time_point begin = Clock::now();
  const auto written = write_(batch);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  if (!written) {
    log_event(
        LogLevel::warn, "store_write_failed",
        {{"reason", schema::to_string(written.error().code)}, {"detail", written.error().detail}});
  }
  const std::lock_guard lock(mutex_);
  stats_.last_write = took;
  if (written) {
    ++stats_.batches;
    stats_.written = taken_;
    if (written_bell_ != nullptr) written_bell_->ring();
    stats_.last_error.clear();
    if (batch.synced && batch.checkpoint && !stats_.sync_failed) {
      stats_.synced_position = batch.checkpoint->position;
      stats_.synced_time = batch.checkpoint->time;
    }
    return true;
  }
  ++stats_.write_errors;
  stats_.last_error = written.error().detail;
  if (written.error().code == schema::ErrorCode::sync_failed) stats_.sync_failed = true;
  return false;
}

}  // namespace weir::broker
