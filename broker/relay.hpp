#pragma once

#include <string>
#include <string_view>

#include <zmq.hpp>

#include "broker/config.hpp"
#include "broker/socket_guard.hpp"

namespace weir::broker {

// The PUB socket on which accepted raw messages go out again as loads sent them: one frame, no
// topic, one loads object or batch. Used by the core thread only.
class Relay {
 public:
  // Throws std::runtime_error when the endpoint cannot be bound.
  Relay(zmq::context_t& context, const RelayConfig& config, const SocketGuard& guard);

  void send(std::string_view message);
  // What loads' own broker says at the end of a run.
  void send_run_finished(std::string_view run_id);

  const std::string& endpoint() const { return endpoint_; }
  zmq::socket_t& socket() { return socket_; }

 private:
  zmq::socket_t socket_;
  std::string endpoint_;
};

}  // namespace weir::broker
