#include "tools/bench_sub_socket.hpp"

#include <cerrno>
#include <stdexcept>
#include <utility>
#include <vector>

#include <zmq.hpp>

namespace weir::tools {

class BenchSubSockets::Sockets {
 public:
  Sockets(const std::string& endpoint, std::size_t reading, std::size_t stalled) {
    for (std::size_t i = 0; i < reading + stalled; ++i) {
      zmq::socket_t socket{context_, zmq::socket_type::sub};
      socket.set(zmq::sockopt::linger, 0);
      socket.set(zmq::sockopt::subscribe, "");
      socket.connect(endpoint);
      if (i < reading) items_.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
      sockets_.push_back(std::move(socket));
    }
  }

  [[noreturn]] void read() {
    for (;;) {
      if (zmq_poll(items_.data(), static_cast<int>(items_.size()), -1) < 0 &&
          zmq_errno() != EINTR) {
        throw std::runtime_error(zmq_strerror(zmq_errno()));
      }
      for (const zmq_pollitem_t& item : items_) {
        while (zmq_msg_recv(message_.handle(), item.socket, ZMQ_DONTWAIT) >= 0) {
        }
      }
    }
  }

 private:
  zmq::context_t context_{1};
  std::vector<zmq::socket_t> sockets_;
  std::vector<zmq_pollitem_t> items_;
  zmq::message_t message_;
};

BenchSubSockets::BenchSubSockets(const std::string& endpoint, std::size_t reading,
                                 std::size_t stalled)
    : sockets_(std::make_unique<Sockets>(endpoint, reading, stalled)) {}

BenchSubSockets::~BenchSubSockets() = default;

void BenchSubSockets::read() { sockets_->read(); }

}  // namespace weir::tools
