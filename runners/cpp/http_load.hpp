#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runners/cpp/client.hpp"
#include "runners/cpp/hit_reporter.hpp"
#include "runners/cpp/http_request.hpp"
#include "runners/cpp/load_figures.hpp"

namespace weir::runners {

// What load to make. It ends after `hits` requests or after `duration`, whichever is first.
struct HttpLoadOptions {
  static constexpr std::uint32_t kUsersMax = 10'000;
  static constexpr double kRateMax = 1'000'000;

  HttpRequest request;
  std::uint32_t users = 10;                 // each with a connection of its own; 1 to kUsersMax
  std::uint64_t hits = 0;                   // 0: without end
  std::optional<schema::Elapsed> duration;  // empty: without end
  // Requests per second over all users, each due at its moment whether or not earlier ones have
  // been answered; 0: each user sends its next as soon as it has the answer. At most kRateMax.
  double rate_per_s = 0;
  schema::Elapsed ramp{0};  // the users, or the rate, grow from nothing during this time

  std::string name, project, scenario, label;
  std::vector<std::pair<std::string, std::string>> tags;
  ClientOptions client;
  bool acked = false;  // report with acknowledgement; client.to is then an acked endpoint

  // The users that there will be: no more than hits.
  std::uint32_t users_needed() const;
};

// Where a load test stands. Percentiles are empty without hits.
struct HttpLoadProgress {
  schema::Elapsed elapsed{0};
  std::uint64_t hits = 0;
  std::uint64_t failed = 0;
  std::uint32_t users = 0;
  std::optional<std::int64_t> p50_us, p95_us, p99_us;
  bool broker_reached = false;
  std::uint64_t not_reported = 0;  // so far for want of room in the queue
};

struct HttpLoadResult {
  LoadFigures figures;
  schema::Elapsed elapsed{0};      // from the first request until all was answered
  std::uint64_t due_not_sent = 0;  // with a rate: due, but no user was free until the end
  std::uint64_t cut_off = 0;       // unanswered when a stopped test gave up on them
  bool stopped = false;
  ReportOutcome report;
};

// A load test over HTTP with libcurl, in the thread that calls run(); a second thread reports to
// the broker, and nothing the broker does can delay the first.
class HttpLoad {
 public:
  static constexpr std::chrono::seconds kStopGrace{2};

  // REQUIRES: options.request came from complete(). Throws std::invalid_argument if the numbers
  // are out of range, std::runtime_error if the system refuses that many connections, and as
  // Client does.
  explicit HttpLoad(HttpLoadOptions options);
  ~HttpLoad();
  HttpLoad(const HttpLoad&) = delete;
  HttpLoad& operator=(const HttpLoad&) = delete;

  // Makes the load; one call. Throws std::runtime_error if libcurl fails as such; a request that
  // fails is a hit.
  HttpLoadResult run();
  // Sends no more and gives what is under way kStopGrace. Any thread, and signal handlers.
  void stop() { stop_.store(true); }
  // As of at most a second ago. Any thread.
  HttpLoadProgress progress() const;

 private:
  class Loop;

  const HttpLoadOptions options_;
  HitReporter reporter_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;  // guards progress_
  HttpLoadProgress progress_;
};

}  // namespace weir::runners
