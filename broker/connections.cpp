#include "broker/connections.hpp"

#include <cstring>

namespace weir::broker {
namespace {

constexpr int kEventsPerTurn = 1'000;
constexpr int kWatched = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_DISCONNECTED |
                         ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

Connections::Connections(zmq::context_t& context, zmq::socket_t& watched, const std::string& name)
    : events_(context, zmq::socket_type::pair) {
  const std::string endpoint = "inproc://connections-" + name;
  if (zmq_socket_monitor(watched.handle(), endpoint.c_str(), kWatched) != 0) throw zmq::error_t();
  events_.set(zmq::sockopt::linger, 0);
  events_.connect(endpoint);
}

void Connections::update() {
  zmq::message_t frame;
  for (int i = 0; i < kEventsPerTurn; ++i) {
    if (!events_.recv(frame, zmq::recv_flags::dontwait)) return;
    // First frame: 16-bit event number, 32-bit value; second frame: the address.
    std::uint16_t event = 0;
    if (frame.size() >= sizeof event) std::memcpy(&event, frame.data(), sizeof event);
    const bool more = frame.more();
    if (more && !events_.recv(frame, zmq::recv_flags::dontwait)) return;
    count(event);
  }
}

void Connections::count(std::uint16_t event) {
  switch (event) {
    case ZMQ_EVENT_ACCEPTED:
      ++counts_.accepted;
      break;
    case ZMQ_EVENT_ACCEPT_FAILED:
      ++counts_.accepts_failed;
      break;
    case ZMQ_EVENT_DISCONNECTED:
      ++counts_.disconnected;
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      ++counts_.handshakes_failed;
      break;
    default:
      break;
  }
}

}  // namespace weir::broker
