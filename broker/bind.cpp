#include "broker/bind.hpp"

#include <stdexcept>

namespace weir::broker {

std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint) {
  try {
    socket.bind(endpoint);
  } catch (const zmq::error_t& error) {
    std::string what = "cannot listen on " + endpoint + ": " + error.what();
    if (error.num() == EADDRINUSE) what += " (another weir serve? a port of * picks a free one)";
    throw std::runtime_error(what);
  }
  return socket.get(zmq::sockopt::last_endpoint);
}

}  // namespace weir::broker
