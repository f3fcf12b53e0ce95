#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "aggregator/beyond_limits.hpp"
#include "broker/acked_reception.hpp"
#include "broker/connections.hpp"
#include "broker/doorkeeper.hpp"
#include "broker/http_reception.hpp"
#include "broker/journal_worker.hpp"
#include "broker/store_worker.hpp"
#include "schema/error.hpp"
#include "schema/time.hpp"

namespace weir::broker {

// What the broker says of itself each tick; counts since it started.
struct BrokerStatus {
  schema::Timestamp time;
  std::chrono::seconds uptime{0};
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t decoded = 0;  // messages applied to a run, late ones included
  std::array<std::uint64_t, schema::kRejectReasons> rejected{};
  std::uint64_t repaired = 0;  // NaN and Infinity read as null
  std::uint64_t late = 0, skewed = 0, missing = 0, duplicate = 0;
  std::uint64_t tests_unmeasured = 0;  // started beyond limits.open_tests_per_run
  std::uint64_t late_samples_not_placed =
      0;  // beyond limits.late_intervals_per_run: in totals only
  aggregator::BeyondLimits beyond_limits;
  std::size_t runs_active = 0;
  std::size_t runs_known = 0;  // active, or ended within run.late_grace_s
  Connections::Counts ingest_connections, acked_connections, feed_connections;
  std::uint64_t connections_open = 0;  // of all sockets, as the next
  std::uint64_t handshakes_failed = 0;
  Doorkeeper::Counts refused;
  AckedReception::Counts acked;
  std::size_t acked_senders = 0;  // connections that said hello
  std::uint64_t acked_lost = 0;   // batches acknowledged once and gone: the journal was damaged
  bool http_accepting = false;    // messages over HTTP
  HttpReception::Counts http;
  std::optional<JournalStats> journal;  // empty: nothing is journaled
  std::uint64_t not_journaled = 0;      // plain frames that should have been, but found no room
  StoreStats store;
  std::uint64_t memory_bytes = 0;  // resident
  // The longest time since the last status in which nothing was received for other work.
  std::chrono::microseconds longest_pause{0};
};

}  // namespace weir::broker
