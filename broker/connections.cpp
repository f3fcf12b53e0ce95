#include "broker/connections.hpp"

#include <algorithm>
#include <cstring>

namespace weir::broker {
namespace {

constexpr int kEventsPerTurn = 1'000;
constexpr int kWatched = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_DISCONNECTED |
                         ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

Connections::Connections(zmq::context_t& context, zmq::socket_t& watched, const std::string& name,
                         std::chrono::milliseconds handshake)
    : events_(context, zmq::socket_type::pair), handshake_(handshake + kTimerLate) {
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
    std::int32_t value = 0;
    if (frame.size() >= sizeof event + sizeof value) {
      std::memcpy(&event, frame.data(), sizeof event);
      std::memcpy(&value, frame.data<char>() + sizeof event, sizeof value);
    }
    const bool more = frame.more();
    if (more && !events_.recv(frame, zmq::recv_flags::dontwait)) return;
    count(event, value);
  }
}

OpenConnections Connections::count_open(Clock::time_point now) {
  const auto settled = static_cast<std::size_t>(
      std::count_if(accepted_at_.begin(), accepted_at_.end(),
                    [&](const auto& connection) { return now - connection.second > handshake_; }));
  const std::size_t young = accepted_at_.size() - settled;
  // Of a peer that begins as before ZMTP 3, which HTTP and noise do, libzmq tells only that it came
  // and went. Of all that came, these neither got in, nor were refused, nor are still at it.
  const std::uint64_t known = succeeded_ + refused_ + young;
  if (counts_.accepted > known) {
    counts_.handshakes_failed = std::max(counts_.handshakes_failed, counts_.accepted - known);
  }
  return {settled, young};
}

void Connections::count(std::uint16_t event, std::int32_t value) {
  switch (event) {
    case ZMQ_EVENT_ACCEPTED:
      ++counts_.accepted;
      accepted_at_[value] = Clock::now();
      break;
    case ZMQ_EVENT_ACCEPT_FAILED:
      ++counts_.accepts_failed;
      break;
    case ZMQ_EVENT_DISCONNECTED:
      ++counts_.disconnected;
      accepted_at_.erase(value);
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      ++counts_.handshakes_failed;
      break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      ++succeeded_;
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      ++refused_;
      break;
    default:
      break;
  }
}

}  // namespace weir::broker
