#include "broker/bind.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace weir::broker {

namespace {

// A subscription is a topic; nothing else comes in on a socket that publishes.
constexpr std::int64_t kSubscriptionBytes = 4'096;

constexpr std::string_view kLocalhost = "tcp://localhost:";

}  // namespace

void limit_subscribers(zmq::socket_t& socket) {
  socket.set(zmq::sockopt::maxmsgsize, kSubscriptionBytes);
  socket.set(zmq::sockopt::handshake_ivl, static_cast<int>(kSubscriberHandshake.count()));
}

std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint) {
  socket.set(zmq::sockopt::ipv6, endpoint.starts_with("tcp://["));
  // libzmq binds addresses and interfaces, not host names.
  const std::string address = endpoint.starts_with(kLocalhost)
                                  ? "tcp://127.0.0.1:" + endpoint.substr(kLocalhost.size())
                                  : endpoint;
  try {
    socket.bind(address);
  } catch (const zmq::error_t& error) {
    std::string what = "cannot listen on " + endpoint + ": " + error.what();
    if (error.num() == EADDRINUSE) what += " (another weir serve? a port of * picks a free one)";
    throw std::runtime_error(what);
  }
  return socket.get(zmq::sockopt::last_endpoint);
}

}  // namespace weir::broker
