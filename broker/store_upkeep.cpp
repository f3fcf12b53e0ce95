#include "broker/store_upkeep.hpp"

#include "broker/log.hpp"

namespace weir::broker {

UpkeepStep StoreUpkeep::step(schema::Timestamp now, Clock::time_point at) {
  UpkeepStep done;
  const auto retention = writer_.take_retention_step(now);
  if (!retention) {
    note(retention.error(), done);
  } else {
    done.more = retention->more;
    done.file_bytes = retention->bytes_in_use;
    if (const auto& run = retention->expired) {
      done.expired = run->reason != to_string(store::DeletionReason::asked);
      log_event(LogLevel::info, done.expired ? "run_expired" : "run_deleted",
                {{"run", run->run_id}, {"number", run->run}, {"reason", run->reason}});
    }
    if (retention->stuck) complain(retention->bytes_in_use, at);
  }
  bound_wal(at, done);
  done.wal_bytes = writer_.wal_bytes();
  return done;
}

// Where a reader is in the way the log can only grow until it is done.
void StoreUpkeep::bound_wal(Clock::time_point at, UpkeepStep& done) {
  const std::uint64_t bytes = writer_.wal_bytes();
  if (bytes > kWalBytesKept && at >= next_truncation_) {
    next_truncation_ = at + kTruncateEvery;
    if (const auto truncated = writer_.truncate_wal(); !truncated) note(truncated.error(), done);
  } else if (bytes > kWalBytesUncopied) {
    if (const auto copied = writer_.checkpoint(); !copied) note(copied.error(), done);
  }
}

void StoreUpkeep::note(const schema::Error& error, UpkeepStep& done) {
  if (error.code == schema::ErrorCode::locked) return;
  done.sync_failed = done.sync_failed || error.code == schema::ErrorCode::sync_failed;
  log_event(LogLevel::warn, "store_upkeep_failed",
            {{"reason", schema::to_string(error.code)}, {"detail", error.detail}});
}

void StoreUpkeep::complain(std::uint64_t bytes_in_use, Clock::time_point at) {
  if (at < next_complaint_) return;
  next_complaint_ = at + kComplainEvery;
  log_event(LogLevel::warn, "store_over_max_bytes",
            {{"bytes", bytes_in_use},
             {"max_bytes", max_bytes_},
             {"detail",
              "only baselines and runs that go on or just ended are left; delete some, or raise "
              "store.max_bytes"}});
}

}  // namespace weir::broker
