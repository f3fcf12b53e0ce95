#include "tools/bench_pull_socket.hpp"

#include <cerrno>
#include <stdexcept>

#include <zmq.hpp>

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

void check(bool good) {
  if (!good && zmq_errno() != EINTR) throw std::runtime_error(zmq_strerror(zmq_errno()));
}

}  // namespace

class BenchPullSocket::Socket {
 public:
  explicit Socket(const broker::IngestConfig& config) {
    pull_.set(zmq::sockopt::rcvhwm, config.rcvhwm);
    pull_.set(zmq::sockopt::maxmsgsize, config.max_msg_bytes);
    pull_.set(zmq::sockopt::handshake_ivl, static_cast<int>(config.handshake_ivl.count()));
    pull_.set(zmq::sockopt::linger, 0);
    pull_.bind("tcp://127.0.0.1:*");
    endpoint_ = pull_.get(zmq::sockopt::last_endpoint);
  }

  const std::string& endpoint() const { return endpoint_; }

  Received receive(std::uint64_t frames) {
    Received received;
    wait();
    const Clock::time_point first = Clock::now();
    while (received.frames < frames) {
      while (received.frames < frames && take(received)) {
      }
      if (received.frames < frames) wait();
    }
    received.elapsed = Clock::now() - first;
    take(received);
    return received;
  }

 private:
  bool take(Received& received) {
    const int size = zmq_msg_recv(message_.handle(), pull_.handle(), ZMQ_DONTWAIT);
    if (size < 0) {
      check(zmq_errno() == EAGAIN);
      return false;
    }
    ++received.frames;
    received.bytes += static_cast<std::uint64_t>(size);
    return true;
  }

  void wait() {
    zmq_pollitem_t item{pull_.handle(), 0, ZMQ_POLLIN, 0};
    check(zmq_poll(&item, 1, -1) >= 0);
  }

  zmq::context_t context_{1};
  zmq::socket_t pull_{context_, zmq::socket_type::pull};
  zmq::message_t message_;
  std::string endpoint_;
};

BenchPullSocket::BenchPullSocket(const broker::IngestConfig& config)
    : socket_(std::make_unique<Socket>(config)) {}

BenchPullSocket::~BenchPullSocket() = default;

const std::string& BenchPullSocket::endpoint() const { return socket_->endpoint(); }

BenchPullSocket::Received BenchPullSocket::receive(std::uint64_t frames) {
  return socket_->receive(frames);
}

}  // namespace weir::tools
