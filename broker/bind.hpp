#pragma once

#include <chrono>
#include <string>

#include <zmq.hpp>

namespace weir::broker {

// How long a peer of a publishing socket may take to introduce itself.
inline constexpr std::chrono::milliseconds kSubscriberHandshake{5'000};

// Binds and returns the real endpoint (with the port that was picked for `:*` or `:0`). Throws
// std::runtime_error that names the endpoint and what stands in the way.
std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint);

// Bounds what a peer of a publishing socket can send: the size of a subscription, and the time
// until it has introduced itself. To be called before bind_socket().
void limit_subscribers(zmq::socket_t& socket);

}  // namespace weir::broker
