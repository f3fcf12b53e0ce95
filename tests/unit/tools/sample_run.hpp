#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "schema/summary.hpp"
#include "schema/time.hpp"
#include "tools/live_board.hpp"

namespace weir::tools {

inline schema::DurationSummary durations(std::uint64_t count, std::int64_t p50_us) {
  schema::DurationSummary out;
  out.count = count;
  out.mean_us = static_cast<double>(p50_us) * 1.13;
  out.sd_us = static_cast<double>(p50_us) * 0.4;
  out.min_us = p50_us / 9;
  out.p50_us = p50_us;
  out.p90_us = p50_us * 19 / 10;
  out.p95_us = p50_us * 24 / 10;
  out.p99_us = p50_us * 57 / 10;
  out.p999_us = p50_us * 90 / 10;
  out.max_us = p50_us * 121 / 10;
  return out;
}

inline schema::LabelSummary label(std::string text, std::uint64_t count, std::uint64_t failed,
                                  std::int64_t p50_us) {
  schema::LabelSummary out;
  out.label = std::move(text);
  out.count = count;
  out.failed = failed;
  out.per_s = static_cast<double>(count) / 754.0;
  out.response = durations(count, p50_us);
  return out;
}

inline schema::ErrorSummary error(std::string class_name, std::string message,
                                  std::uint64_t count) {
  schema::ErrorSummary out;
  out.kind = "failure";
  out.class_name = std::move(class_name);
  out.message = std::move(message);
  out.count = count;
  out.first = *schema::parse_time("2026-11-21T19:48:01Z");
  out.last = *schema::parse_time("2026-11-21T20:00:11.5Z");
  return out;
}

// A shop under load, twelve and a half minutes in.
inline schema::Summary sample_summary() {
  schema::Summary s;
  s.run_id = "checkout-2026-11-21";
  s.seq = 754;
  s.time = *schema::parse_time("2026-11-21T20:00:12Z");
  s.elapsed_s = 754;
  s.workers_active = 3;
  s.workers_total = 3;
  s.users = 300;
  s.hits = {1204511, 3012, 0.9975, 1597.5, std::nullopt, 5123456789};
  s.response = durations(1204511, 11000);
  s.tests = {60221, 59998, 59961, 35, 2, 79.6};
  s.counters = {{"coupons-used", 912}, {"widgets-bought", 40311}};
  s.status = {{200, 1180022}, {201, 21477}, {404, 1807}, {500, 1205}};
  s.method = {{"GET", 1122334}, {"POST", 82177}};
  const std::string host = "http://shop.example.com/api/";
  s.labels = {label("GET " + host + "items/{id}", 620113, 0, 9120),
              label("GET " + host + "items", 301544, 12, 18400),
              label("GET " + host + "basket", 120001, 0, 7410),
              label("POST " + host + "basket/items", 61022, 1795, 22050),
              label("GET " + host + "customers/{id}/recommendations", 55301, 0, 61900),
              label("POST " + host + "checkout", 21155, 1205, 148300),
              label("GET " + host + "orders/{id}/invoice.pdf", 20133, 0, 301200),
              label("GET " + host + "商品/{id}", 5242, 0, 880)};
  s.labels_total = s.labels.size();
  s.errors = {error("AssertionError", "basket is empty after adding an item", 1795),
              error("HTTPError", "500 Server Error for POST /api/checkout", 1205),
              error("ConnectionResetError", "[Errno 104] Connection reset by peer", 12),
              error("TimeoutError", "no answer within 10 s", 2)};
  s.errors_total = 4;
  s.last = schema::LastSummary{1.0, 1644, 7, 1644.0, durations(1644, 11900)};
  return s;
}

inline LiveRun sample_run() {
  LiveRun run;
  run.summary = sample_summary();
  for (int i = 0; i < 120; ++i) {
    schema::LastSummary tick;
    tick.seconds = 1;
    tick.per_s = 1300 + 340 * std::sin(i / 9.0);
    run.rates.emplace_back(tick);
  }
  run.rates[112].reset();
  return run;
}

}  // namespace weir::tools
