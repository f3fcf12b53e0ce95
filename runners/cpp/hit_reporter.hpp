#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runners/cpp/client_calls.hpp"
#include "runners/cpp/hit_queue.hpp"
#include "runners/cpp/http_hit.hpp"

namespace weir::runners {

// What is the same in all messages of a load test.
struct ReportedRun {
  std::string name, project, scenario;
  std::vector<std::pair<std::string, std::string>> tags;
  std::string url, method, label;
  std::string test;              // the name of each user's iteration
  std::int64_t hits_wanted = 0;  // of loads_status; 0: as many as fit into the time
};

struct ReportOutcome {
  std::uint64_t hits_reported = 0;
  std::uint64_t hits_not_reported = 0;  // no room in the queue, or the broker did not take them
  bool complete = false;  // startTestRun, every hit and stopTestRun went out and left the process
  Report messages;
};

// Reports hits to a broker from a thread of its own, which is the only one to touch the socket.
// Each hit becomes startTest, add_hit, addSuccess or addFailure, and stopTest, with the times at
// which these happened. The run opens with startTestRun and ends with stopTestRun.
// While there is no broker hits wait in a bounded queue; the load never does.
class HitReporter {
 public:
  static constexpr std::size_t kQueueHits = 100'000;
  static constexpr std::chrono::seconds kDrain{10};  // finish() takes at most this long ...
  static constexpr std::chrono::seconds kGiveUp{2};  // ... or this, while nothing is taken

  HitReporter(std::unique_ptr<ClientCalls> client, ReportedRun run,
              std::size_t queue_hits = kQueueHits);
  ~HitReporter();
  HitReporter(const HitReporter&) = delete;
  HitReporter& operator=(const HitReporter&) = delete;

  // Used by the load loop's thread; never blocks.
  void add(const HttpHit& hit) { queue_.put(hit); }
  // Whether a broker has been there so far. Any thread.
  bool reached() const { return reached_.load(std::memory_order_relaxed); }
  // Hits that the queue had no room for, so far. Any thread.
  std::uint64_t refused() const { return queue_.refused(); }
  // Sends what is left, within kDrain, and closes the socket. One call, by the owner.
  ReportOutcome finish();

 private:
  void run_thread();
  bool wait_for_room();
  bool report_body(const schema::Body& body, schema::Timestamp time);
  bool report_hit(const HttpHit& hit);

  const ReportedRun run_;
  const std::unique_ptr<ClientCalls> client_;  // the reporter thread's from its start to its end
  HitQueue queue_;
  schema::Timestamp started_;  // the thread may come to its first message later
  std::atomic<bool> reached_ = false;
  std::atomic<bool> finishing_ = false;
  std::chrono::steady_clock::time_point asked_to_finish_;  // set before finishing_
  // The reporter thread's until it has ended:
  std::chrono::steady_clock::time_point last_taken_;
  bool gave_up_ = false;
  bool framed_ = false;  // startTestRun and stopTestRun were sent
  ReportOutcome outcome_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace weir::runners
