#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

#include "broker/config.hpp"
#include "broker/socket_guard.hpp"

namespace weir::broker {

// The PULL socket that runners push to. Used by the core thread only.
class Intake {
 public:
  enum class Received { frame, multipart, nothing };

  // Throws std::runtime_error when an endpoint cannot be bound.
  Intake(zmq::context_t& context, const IngestConfig& config, const SocketGuard& guard);

  // The next frame without waiting. A multipart message is taken whole and answered as multipart,
  // with its first part as the frame. The view is valid until the next call.
  Received receive(std::string_view& frame);

  // Takes no new connections and lets go of the present ones; what they had delivered can still
  // be received.
  void stop_listening();

  const std::vector<std::string>& endpoints() const { return endpoints_; }
  zmq::socket_t& socket() { return socket_; }

 private:
  zmq::socket_t socket_;
  zmq::message_t message_;
  std::vector<std::string> endpoints_;
};

}  // namespace weir::broker
