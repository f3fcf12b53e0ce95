#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/live_json.hpp"
#include "http/ports.hpp"
#include "schema/summary.hpp"
#include "schema/time.hpp"

namespace weir::http {

using Text = std::shared_ptr<const std::string>;

// The newest message of each topic, for everybody who looks over HTTP. A viewer keeps only the
// version that it has seen: whoever is slow gets the newest of each topic and skips those before.
// All texts are shared, so that a viewer takes no memory of its own. Any thread.
class LiveBoard {
 public:
  using Clock = std::chrono::steady_clock;
  using Version = std::uint64_t;
  // Ticks of a run that are kept for who comes later.
  static constexpr std::size_t kRecentTicks = 120;

  // Puts up what was published.
  void put(std::vector<LiveMessage> messages, Clock::time_point now);

  struct Next {
    Version version = 0;
    std::string type;  // summary, run, runs or broker
    Text json;
  };
  // The oldest message that is newer than `seen` and whose topic has one of the prefixes.
  std::optional<Next> next(const std::vector<std::string>& prefixes, Version seen) const;

  // All of it at a glance, in parts: the newest message of each such topic, and the recent ticks
  // of their runs. What comes after it is newer than `version`.
  struct Snapshot {
    Version version = 0;
    std::vector<Text> parts;
  };
  Snapshot snapshot(const std::vector<std::string>& prefixes, schema::Timestamp now) const;

  // The newest message of a topic; null if there is none.
  Text newest(std::string_view topic) const;
  // Of the runs that go on or have just ended, by number.
  std::vector<SummaryRef> summaries() const;
  // Of the run that is named so: a run_id, else a number; null if it is not live.
  SummaryRef summary_of(std::string_view run) const;
  // When the core last published.
  std::optional<Clock::time_point> last_put() const;

 private:
  struct Topic {
    Version version = 0;
    Text json;
    SummaryRef summary;
    std::deque<LiveTick> recent;  // of summary/ topics
    mutable Text recent_json;     // made when it is asked for
  };
  using Topics = std::map<std::string, Topic, std::less<>>;

  Topic& put(std::string_view topic, Text json);
  void put_runs();
  Text recent_of(const Topic& topic) const;

  mutable std::mutex mutex_;
  Topics topics_;
  std::map<Version, Topics::const_iterator> by_version_;
  Version version_ = 0;
  std::uint64_t runs_seq_ = 0;
  std::optional<Clock::time_point> last_put_;
};

}  // namespace weir::http
