#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "broker/bell.hpp"
#include "broker/pending_rows.hpp"
#include "schema/error.hpp"
#include "schema/record.hpp"

namespace weir::broker {

struct StoreStats {
  std::size_t queue_rows = 0;
  std::uint64_t rows_dropped = 0;
  std::size_t queue_hits = 0;  // of them, raw hits
  std::uint64_t hits_not_kept = 0;
  std::uint64_t batches = 0;
  std::uint64_t written = 0;  // the number of the last batch that is in the file
  std::uint64_t write_errors = 0;
  std::string last_error;  // empty after a successful write
  std::chrono::milliseconds last_write{0};
  // What came before this position of the journal is in the file and survives a power cut.
  std::uint64_t synced_position = 0;
  schema::Timestamp synced_time;   // when that checkpoint was made
  bool sync_failed = false;        // once: nothing is safe any more
  std::uint64_t runs_expired = 0;  // deleted by store.retention_days and store.max_bytes
  std::uint64_t file_bytes = 0;    // of the file, in use
  std::uint64_t wal_bytes = 0;     // of its write-ahead log
};

// What was done between two batches.
struct UpkeepStep {
  bool more = false;     // another step is to follow at once
  bool expired = false;  // a run was deleted, as the settings ask
  bool sync_failed = false;
  std::uint64_t file_bytes = 0, wal_bytes = 0;
};

// The thread that writes to the store. submit() never waits for the disk: while a write is under
// way, or fails and is tried again, rows wait in PendingRows. A failed batch is written again,
// whole, until it succeeds.
class StoreWorker {
 public:
  using Write = std::function<schema::Result<void>(const schema::StoreBatch&)>;
  static constexpr std::chrono::milliseconds kRetry{500};
  // One step between two batches and, while there is more to do, at once; else so often.
  using Upkeep = std::function<UpkeepStep()>;
  static constexpr std::chrono::milliseconds kUpkeepEvery{1'000};

  StoreWorker(Write write, std::size_t rows_max, Upkeep upkeep = {});
  ~StoreWorker();
  StoreWorker(const StoreWorker&) = delete;
  StoreWorker& operator=(const StoreWorker&) = delete;

  // Any thread. Returns the batch's number: it is written once stats().written has come to it.
  std::uint64_t submit(schema::StoreBatch&& batch);
  // Rings whenever a batch has been written; null: nothing does.
  void ring_when_written(Bell* bell);
  StoreStats stats() const;

  // Writes what is left and ends the thread. A store that still refuses after `patience` is given
  // up. Returns whether everything was written.
  bool stop(std::chrono::milliseconds patience);

 private:
  void run();
  // False: it is time to stop.
  bool wait_for_batch(schema::StoreBatch& batch, bool& got);
  bool write_until_done(const schema::StoreBatch& batch);
  bool write(const schema::StoreBatch& batch);
  void keep_up();

  Write write_;
  Upkeep upkeep_;
  std::chrono::steady_clock::time_point next_upkeep_;
  mutable std::mutex mutex_;
  std::condition_variable bell_;
  PendingRows pending_;
  Bell* written_bell_ = nullptr;
  std::uint64_t submitted_ = 0, taken_ = 0;  // numbers of batches
  StoreStats stats_;
  bool waiting_ = false;  // something was submitted since the last take
  bool stopping_ = false;
  bool gave_up_ = false;
  std::chrono::steady_clock::time_point deadline_;
  std::thread thread_;
};

}  // namespace weir::broker
