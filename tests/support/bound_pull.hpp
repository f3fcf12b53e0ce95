#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <zmq.hpp>

namespace weir::tests {

// Plays a broker's ingest in a test: a PULL socket, on a free port unless told otherwise.
class BoundPull {
 public:
  // high_water 1 and not reading makes a broker that is stuck.
  explicit BoundPull(int high_water = 0, const std::string& endpoint = "tcp://127.0.0.1:*") {
    socket_.set(zmq::sockopt::rcvhwm, high_water);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind(endpoint);
  }

  std::string endpoint() { return socket_.get(zmq::sockopt::last_endpoint); }

  // The next frame; empty if none comes within the timeout.
  std::optional<std::string> receive(std::chrono::milliseconds timeout = std::chrono::seconds{5}) {
    socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(timeout.count()));
    zmq::message_t frame;
    if (!socket_.recv(frame)) return std::nullopt;
    return frame.to_string();
  }

  // All messages up to and with one of this data_type, or until none comes any more.
  std::vector<nlohmann::json> receive_until(const std::string& data_type) {
    std::vector<nlohmann::json> messages;
    while (const std::optional<std::string> frame = receive()) {
      messages.push_back(nlohmann::json::parse(*frame));
      if (messages.back().value("data_type", "") == data_type) break;
    }
    return messages;
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::pull};
};

// An endpoint that no broker has, nor will have for as long as the object lives: behind it is a
// socket that takes no messages.
class DeadEndpoint {
 public:
  DeadEndpoint() { socket_.bind("tcp://127.0.0.1:*"); }
  std::string endpoint() { return socket_.get(zmq::sockopt::last_endpoint); }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::push};
};

}  // namespace weir::tests
