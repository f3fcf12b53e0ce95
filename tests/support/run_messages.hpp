#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregator/run.hpp"
#include "schema/message.hpp"
#include "schema/summary.hpp"

namespace weir::test {

using namespace std::chrono_literals;

// A moment on a boundary of seconds and of label windows.
inline constexpr schema::Timestamp kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} +
                                         std::chrono::hours{12}};

inline schema::Message message(schema::Body body, std::string_view worker = "w1") {
  schema::Message made{.envelope = {}, .body = std::move(body)};
  made.envelope.worker_id = worker;
  return made;
}

inline schema::Message numbered(schema::Message made, std::uint64_t seq, std::uint64_t epoch = 0) {
  made.envelope.seq = seq;
  made.envelope.epoch = epoch;
  return made;
}

inline schema::Message with_users(schema::Message made, std::int64_t users) {
  made.envelope.status.users = users;
  return made;
}

inline schema::Message timed(schema::Message made, schema::Timestamp time) {
  made.envelope.time = time;
  return made;
}

inline schema::AddHit hit(std::string_view url = "http://h/a", std::int64_t elapsed_us = 1'000,
                          int status = 200) {
  schema::AddHit made;
  made.url = url;
  made.method = "GET";
  made.status = status;
  made.elapsed = schema::Elapsed{elapsed_us};
  return made;
}

inline schema::AddHit labelled(std::string_view label, std::string_view method = "GET") {
  schema::AddHit made = hit();
  made.label = label;
  made.method = method;
  return made;
}

inline aggregator::Run new_run(const aggregator::LimitsConfig& limits = {},
                               const aggregator::RunConfig& config = {}) {
  return aggregator::Run{1, "nightly", kNoon, {limits, config, {}}};
}

// Ticks every second up to and including `until`.
inline void tick_until(aggregator::Run& run, schema::Timestamp from, schema::Timestamp until) {
  for (schema::Timestamp now = from; now <= until; now += 1s) run.tick(now);
}

inline std::uint64_t count_of(const schema::StatusCounts& counts, int status) {
  for (const auto& [value, count] : counts) {
    if (value == status) return count;
  }
  return 0;
}

inline std::uint64_t total_of(const schema::StatusCounts& counts) {
  std::uint64_t total = 0;
  for (const auto& [status, count] : counts) total += count;
  return total;
}

// The kinds and workers of the events so far, oldest first.
inline std::vector<std::pair<aggregator::RunEventKind, std::string>> events_of(
    aggregator::Run& run) {
  std::vector<std::pair<aggregator::RunEventKind, std::string>> events;
  for (const auto& event : run.uncollected().events) {
    events.emplace_back(event.kind, event.worker_id);
  }
  return events;
}

}  // namespace weir::test
