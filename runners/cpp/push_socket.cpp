#include "runners/cpp/push_socket.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <zmq.hpp>

namespace weir::runners {
namespace {

constexpr const char* kMonitor = "inproc://monitor";

int to_int(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

}  // namespace

class PushSocket::Sockets {
 public:
  explicit Sockets(const PushSocketOptions& options);

  bool wait_ready(std::chrono::milliseconds timeout);
  bool send(std::string_view frame, bool wait);
  Flush close(std::chrono::milliseconds linger);

 private:
  std::uint64_t count_disconnects();

  zmq::context_t context_;
  zmq::socket_t push_{context_, zmq::socket_type::push};
  zmq::socket_t monitor_{context_, zmq::socket_type::pair};
};

PushSocket::Sockets::Sockets(const PushSocketOptions& options) {
  push_.set(zmq::sockopt::immediate, true);
  push_.set(zmq::sockopt::sndtimeo, to_int(options.send_timeout));
  push_.set(zmq::sockopt::linger, to_int(options.linger));
  push_.set(zmq::sockopt::sndhwm, options.high_water);
  // Without a bound: libzmq's I/O thread would block when nobody reads the monitor.
  monitor_.set(zmq::sockopt::rcvhwm, 0);
  monitor_.set(zmq::sockopt::linger, 0);
  if (zmq_socket_monitor(push_.handle(), kMonitor,
                         ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0) {
    throw zmq::error_t{};
  }
  monitor_.connect(kMonitor);
  push_.connect(options.to);
}

bool PushSocket::Sockets::wait_ready(std::chrono::milliseconds timeout) {
  zmq_pollitem_t item{push_.handle(), 0, ZMQ_POLLOUT, 0};
  return zmq_poll(&item, 1, to_int(timeout)) == 1;  // -1: a signal
}

bool PushSocket::Sockets::send(std::string_view frame, bool wait) {
  // The C function, because a signal is no exception here.
  return zmq_send(push_.handle(), frame.data(), frame.size(), wait ? 0 : ZMQ_DONTWAIT) >= 0;
}

// A monitor event is two frames, and the first begins with the number of the event; see
// zmq_socket_monitor(3). A connection that never came to a handshake was not a broker's.
std::uint64_t PushSocket::Sockets::count_disconnects() {
  std::uint64_t disconnects = 0;
  bool connected = false;
  zmq::message_t event;
  zmq::message_t endpoint;
  while (monitor_.recv(event, zmq::recv_flags::dontwait) && monitor_.recv(endpoint)) {
    std::uint16_t number = 0;
    if (event.size() < sizeof number) continue;
    std::memcpy(&number, event.data(), sizeof number);
    if (number == ZMQ_EVENT_DISCONNECTED && connected) ++disconnects;
    connected = number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  }
  return disconnects;
}

Flush PushSocket::Sockets::close(std::chrono::milliseconds linger) {
  Flush flush;
  flush.disconnects = count_disconnects();
  zmq_socket_monitor(push_.handle(), nullptr, 0);
  monitor_.close();
  push_.close();
  const auto asked = std::chrono::steady_clock::now();
  context_.close();  // returns when all is written, or when the linger is over
  flush.complete = std::chrono::steady_clock::now() - asked < linger;
  return flush;
}

PushSocket::PushSocket(const PushSocketOptions& options) : options_(options) {
  try {
    sockets_ = std::make_unique<Sockets>(options);
  } catch (const zmq::error_t& error) {
    throw std::runtime_error("'" + options.to +
                             "' is not an endpoint like tcp://127.0.0.1:7071: " + error.what());
  }
}

PushSocket::~PushSocket() { close(); }

bool PushSocket::wait_ready(std::chrono::milliseconds timeout) {
  return sockets_ && sockets_->wait_ready(timeout);
}

bool PushSocket::send(std::string_view frame) {
  if (!sockets_) return false;
  const bool sent = sockets_->send(frame, !stalled_);
  stalled_ = !sent;
  return sent;
}

Flush PushSocket::close() {
  if (sockets_) {
    flush_ = sockets_->close(options_.linger);
    sockets_.reset();
  }
  return flush_;
}

}  // namespace weir::runners
