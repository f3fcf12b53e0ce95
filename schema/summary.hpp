#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schema/run_state.hpp"
#include "schema/sketch.hpp"
#include "schema/time.hpp"

namespace weir::schema {

// Plain values that are published and shown: derived from a run at one moment, never changed
// afterwards. An empty optional means that there is no data; it is null in JSON, never 0.

// Durations in the unit of the source (microseconds); JSON shows milliseconds.
struct DurationSummary {
  std::uint64_t count = 0;
  std::optional<double> mean_us, sd_us;
  std::optional<std::int64_t> min_us, max_us, p50_us, p90_us, p95_us, p99_us, p999_us;
  bool operator==(const DurationSummary&) const = default;
};

// The figures of a sketch whose unit is microseconds.
DurationSummary summarize_durations(const Sketch& sketch);

// Empty if no time has passed.
std::optional<double> rate(std::uint64_t count, double seconds);

using StatusCounts = std::vector<std::pair<int, std::uint64_t>>;         // ascending by status
using NamedCounts = std::vector<std::pair<std::string, std::uint64_t>>;  // ascending by name

struct HitsSummary {
  std::uint64_t count = 0;
  std::uint64_t failed = 0;
  std::optional<double> success_rate;
  std::optional<double> per_s;
  std::optional<std::int64_t> bytes_sent, bytes_received;
  bool operator==(const HitsSummary&) const = default;
};

struct TestsSummary {
  std::uint64_t started = 0, finished = 0, success = 0, failure = 0, error = 0;
  std::optional<double> per_s;  // finished / elapsed
  bool operator==(const TestsSummary&) const = default;
};

struct SocketsSummary {
  std::uint64_t opened = 0, closed = 0;
  std::uint64_t open = 0;  // opened - closed, at least 0
  std::uint64_t messages = 0, bytes_received = 0;
  bool operator==(const SocketsSummary&) const = default;
};

struct LabelSummary {
  std::string label, name, method, url;
  std::uint64_t count = 0;
  std::uint64_t failed = 0;
  std::optional<double> per_s;
  std::optional<std::int64_t> bytes_sent, bytes_received;
  DurationSummary response;
  StatusCounts status;
  bool operator==(const LabelSummary&) const = default;
};

struct ErrorSummary {
  std::string kind;  // failure, error or hit
  std::string class_name, message, traceback;
  std::uint64_t count = 0;
  Timestamp first, last;
  bool operator==(const ErrorSummary&) const = default;
};

// What arrived since the last tick.
struct LastSummary {
  double seconds = 0;
  std::uint64_t hits = 0, failed = 0;
  std::optional<double> per_s;
  DurationSummary response;
  std::optional<std::int64_t> bytes_sent{}, bytes_received{};
  bool operator==(const LastSummary&) const = default;
};

struct Summary {
  std::string run_id;
  std::int64_t number = 0;  // runs.id in the store
  std::uint64_t seq = 0;    // set by the feed
  Timestamp time;
  RunState state = RunState::running;
  bool final = false;
  double elapsed_s = 0;
  std::uint64_t workers_active = 0, workers_total = 0;
  std::optional<std::int64_t> users;
  HitsSummary hits;
  DurationSummary response;
  TestsSummary tests;
  SocketsSummary sockets;
  NamedCounts counters;
  StatusCounts status;
  NamedCounts method;
  std::vector<LabelSummary> labels;  // by count, descending
  std::uint64_t labels_total = 0;
  std::uint64_t urls_distinct = 0;   // estimated beyond 1,000
  std::vector<ErrorSummary> errors;  // by count, descending
  std::uint64_t errors_total = 0;    // distinct
  std::uint64_t late = 0, skewed = 0, missing = 0, duplicate = 0;
  std::uint64_t clamped = 0;        // hits with elapsed below 0 or above 24 h, counted as these
  std::optional<LastSummary> last;  // empty when read from the store
};

}  // namespace weir::schema
