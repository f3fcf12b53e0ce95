#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <zmq.hpp>

#include "broker/config.hpp"
#include "broker/socket_guard.hpp"

namespace weir::broker {

// The XPUB socket with live summaries. Keeps the last message of every topic, so that whoever
// subscribes sees the present state at once. A slow subscriber misses messages (its seq shows it);
// nobody else notices. Used by the core thread only.
class LiveFeed {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kAnswerEvery{100};

  // Throws std::runtime_error when the endpoint cannot be bound.
  LiveFeed(zmq::context_t& context, const FeedConfig& config, const SocketGuard& guard);

  using Text = std::shared_ptr<const std::string>;
  // Publishes make(seq) under the topic and returns it; seq is 1, 2, 3, ... per topic.
  Text publish(std::string_view topic, const std::function<std::string(std::uint64_t seq)>& make);

  // Reads what subscribers said, a bounded number a call, and publishes the last message of the
  // topics that they newly subscribed to: once each however many asked, and not again before
  // kAnswerEvery has passed, so that subscribing over and over costs others nothing.
  void answer_subscriptions(Clock::time_point now);
  // When it has to be called again even if no subscriber says anything.
  std::optional<Clock::time_point> next_answer() const;

  // Drops the last message of a topic that will not be published again.
  void forget(std::string_view topic);

  const std::string& endpoint() const { return endpoint_; }
  zmq::socket_t& socket() { return socket_; }

 private:
  struct Last {
    std::uint64_t seq = 0;
    Text json;
    bool asked = false;  // by a subscriber, since it was last sent
  };
  void read_subscriptions();
  void send(std::string_view topic, const std::string& json);

  zmq::socket_t socket_;
  std::string endpoint_;
  std::map<std::string, Last, std::less<>> last_;
  std::set<std::string, std::less<>> asked_;  // prefixes to be answered
  Clock::time_point answered_;
};

}  // namespace weir::broker
