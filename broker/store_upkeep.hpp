#pragma once

#include <chrono>
#include <cstdint>

#include "broker/store_worker.hpp"
#include "schema/time.hpp"
#include "store/run_writer.hpp"

namespace weir::broker {

// What the store's thread does between two batches, a bounded step at a time: deletes runs that the
// settings do not keep, copies the write-ahead log into the file, and empties it when a reader that
// had made it grow is gone. Says in the log what it did. Used by the store's thread only; the
// writer outlives it.
class StoreUpkeep {
 public:
  using Clock = std::chrono::steady_clock;
  // A larger write-ahead log is copied into the file.
  static constexpr std::uint64_t kWalBytesUncopied = std::uint64_t{4} << 20U;
  // A larger write-ahead log is emptied when no reader is in the way.
  static constexpr std::uint64_t kWalBytesKept = std::uint64_t{64} << 20U;
  // Between two tries to empty it, and between two complaints about a file that cannot be kept
  // small.
  static constexpr std::chrono::seconds kTruncateEvery{5};
  static constexpr std::chrono::seconds kComplainEvery{60};

  StoreUpkeep(store::RunWriter& writer, const store::StoreConfig& config)
      : writer_(writer), max_bytes_(config.max_bytes) {}

  UpkeepStep step(schema::Timestamp now, Clock::time_point at);

 private:
  void bound_wal(Clock::time_point at, UpkeepStep& done);
  static void note(const schema::Error& error, UpkeepStep& done);
  void complain(std::uint64_t bytes_in_use, Clock::time_point at);

  store::RunWriter& writer_;
  std::size_t max_bytes_;
  Clock::time_point next_truncation_{}, next_complaint_{};
};

}  // namespace weir::broker
