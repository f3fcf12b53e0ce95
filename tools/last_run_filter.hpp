#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "schema/time.hpp"
#include "tools/feed_reader.hpp"

namespace weir::tools {

// Lets through the messages of the run that started last. A new subscription gets the latest
// summary of every run in no order, so what comes within kSettle of the first message is held
// back until it is known which run is the last one; a run that starts later takes over.
class LastRunFilter {
 public:
  using Now = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kSettle{250};
  static constexpr std::size_t kHeldMax = 1000;

  // Takes a message; returns those that are to be printed now, in order.
  std::vector<FeedMessage> pass(FeedMessage message, Now now);
  // Returns held messages whose time has come.
  std::vector<FeedMessage> release(Now now);
  // When release() has something to do; empty: nothing is held.
  std::optional<Now> due() const;

 private:
  bool is_last(const FeedMessage& message) const;

  std::string last_;
  schema::Timestamp last_started_;
  std::optional<Now> first_;
  bool settled_ = false;
  std::vector<FeedMessage> held_;
};

}  // namespace weir::tools
