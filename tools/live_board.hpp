#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/summary.hpp"
#include "tools/broker_health_json.hpp"

namespace weir::tools {

inline constexpr std::size_t kRateHistory = 300;
inline constexpr std::size_t kMaxLiveRuns = 256;

// One tick of a run; empty for a summary that was missed.
using RateSample = std::optional<schema::LastSummary>;

// What is known of one run from its summaries.
struct LiveRun {
  schema::Timestamp started;     // by the broker's clock, as the first summary seen tells it
  schema::Summary summary;       // the latest
  std::deque<RateSample> rates;  // oldest first, at most kRateHistory
  std::chrono::steady_clock::time_point seen;
};

// When the run of a summary started, by the broker's clock.
schema::Timestamp started_at(const schema::Summary& summary);

// The runs of a live feed as they are now, and which of them is looked at: the one the user chose,
// else the active one that started last, else the one that started last. At most kMaxLiveRuns; the
// longest unheard one goes. Used by one thread.
class LiveBoard {
 public:
  using Now = std::chrono::steady_clock::time_point;

  // Takes a message of the feed. Returns the run if it was a summary; null if it was another
  // message, or one that cannot be read.
  const LiveRun* apply(std::string_view topic, std::string_view body, Now now);

  // Null while there is no run.
  const LiveRun* selected() const;
  // Position among the runs, 1 for the one that started first; 0 while there is none.
  std::size_t position() const;
  std::size_t size() const { return runs_.size(); }
  void select_next() { select_by(1); }
  void select_previous() { select_by(-1); }

  // Empty until a `broker/` message came.
  const std::optional<BrokerHealth>& broker() const { return broker_; }
  // When any message came last.
  std::optional<Now> heard() const { return heard_; }

 private:
  const LiveRun* apply_summary(schema::Summary summary, Now now);
  LiveRun& run_of(const schema::Summary& summary);
  std::optional<std::size_t> selected_index() const;
  void select_by(int step);

  std::vector<LiveRun> runs_;  // by start
  std::optional<std::string> chosen_;
  std::optional<BrokerHealth> broker_;
  std::optional<Now> heard_;
};

}  // namespace weir::tools
