#include "tools/bench_push_socket.hpp"

#include <cerrno>
#include <stdexcept>
#include <utility>
#include <vector>

#include <zmq.hpp>

namespace weir::tools {

class BenchPushSockets::Sockets {
 public:
  void connect(const std::string& endpoint) {
    zmq::socket_t socket{context_, zmq::socket_type::push};
    socket.set(zmq::sockopt::linger, 0);
    // Else the socket takes messages before there is a connection.
    socket.set(zmq::sockopt::immediate, true);
    socket.connect(endpoint);
    sockets_.push_back(std::move(socket));
  }

  bool wait_ready(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (zmq::socket_t& socket : sockets_) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      zmq_pollitem_t item{socket.handle(), 0, ZMQ_POLLOUT, 0};
      if (left.count() <= 0 || zmq_poll(&item, 1, left.count()) != 1) return false;
    }
    return true;
  }

  void send(std::size_t connection, std::string_view frame) {
    while (zmq_send(sockets_[connection].handle(), frame.data(), frame.size(), 0) < 0) {
      if (zmq_errno() != EINTR) throw std::runtime_error(zmq_strerror(zmq_errno()));
    }
  }

 private:
  zmq::context_t context_{1};
  std::vector<zmq::socket_t> sockets_;
};

BenchPushSockets::BenchPushSockets(const std::string& endpoint, std::size_t connections,
                                   std::chrono::milliseconds patience)
    : sockets_(std::make_unique<Sockets>()) {
  try {
    for (std::size_t i = 0; i < connections; ++i) sockets_->connect(endpoint);
  } catch (const zmq::error_t& error) {
    throw std::runtime_error("cannot connect to " + endpoint + ": " + error.what());
  }
  if (!sockets_->wait_ready(patience)) {
    throw std::runtime_error("not all of " + std::to_string(connections) + " connections to " +
                             endpoint + " could be made");
  }
}

BenchPushSockets::~BenchPushSockets() = default;

void BenchPushSockets::send(std::size_t connection, std::string_view frame) {
  sockets_->send(connection, frame);
}

std::string libzmq_version() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  zmq_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace weir::tools
