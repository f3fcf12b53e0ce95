#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <zmq.hpp>

#include "broker/config.hpp"

namespace weir::broker {

// The XPUB socket with live summaries. Keeps the last message of every topic, so that whoever
// subscribes sees the present state at once. A slow subscriber misses messages (its seq shows it);
// nobody else notices. Used by the core thread only.
class LiveFeed {
 public:
  // Throws std::runtime_error when the endpoint cannot be bound.
  LiveFeed(zmq::context_t& context, const FeedConfig& config);

  // Publishes make(seq) under the topic; seq is 1, 2, 3, ... per topic.
  void publish(std::string_view topic, const std::function<std::string(std::uint64_t seq)>& make);

  // Reads what subscribers said and publishes the last message of the topics that they newly
  // subscribed to, once each however many asked. Reads at most a bounded number a call.
  void answer_subscriptions();

  // Drops the last message of a topic that will not be published again.
  void forget(std::string_view topic);

  const std::string& endpoint() const { return endpoint_; }
  zmq::socket_t& socket() { return socket_; }

 private:
  struct Last {
    std::uint64_t seq = 0;
    std::string json;
  };
  void send(std::string_view topic, const std::string& json);

  zmq::socket_t socket_;
  std::string endpoint_;
  std::map<std::string, Last, std::less<>> last_;
};

}  // namespace weir::broker
