#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <zmq.hpp>

#include "broker/config.hpp"
#include "broker/socket_guard.hpp"

namespace weir::broker {

// The ROUTER socket that senders of acknowledged batches connect to. Used by the core thread only.
class AckedIntake {
 public:
  enum class Received : std::uint8_t { request, malformed, nothing };
  enum class Sent : std::uint8_t { sent, later, gone };

  // Views hold until the next receive().
  struct Request {
    std::string_view connection;  // whom to answer
    std::string_view kind, fields;
  };

  // Throws std::runtime_error when the endpoint cannot be bound.
  AckedIntake(zmq::context_t& context, const AckedConfig& config, std::int64_t max_msg_bytes,
              const SocketGuard& guard);

  // The next request without waiting. Of one that has not two frames only the connection is given.
  Received receive(Request& request);
  // Without waiting. later: the connection does not read what it is sent.
  Sent send(std::string_view connection, std::string_view kind, std::string_view fields);

  const std::string& endpoint() const { return endpoint_; }
  zmq::socket_t& socket() { return socket_; }

 private:
  zmq::socket_t socket_;
  zmq::message_t connection_, kind_, fields_;
  std::string endpoint_;
};

}  // namespace weir::broker
