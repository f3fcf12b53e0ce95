#include "runners/cpp/push_socket.hpp"

#include <cstring>
#include <stdexcept>

#include <zmq.hpp>

namespace weir::runners {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kMonitor = "inproc://monitor";
// libzmq ends its linger up to 1 ms early, which must not look like the end of the messages.
constexpr std::chrono::milliseconds kLingerMore{10};

int to_int(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

}  // namespace

class PushSocket::Sockets {
 public:
  explicit Sockets(const PushSocketOptions& options);

  bool wait_ready(std::chrono::milliseconds timeout);
  bool send(std::string_view frame, bool wait);
  Flush close(std::chrono::milliseconds linger);

 private:
  bool read_monitor(Clock::time_point until);

  zmq::context_t context_;
  zmq::socket_t push_{context_, zmq::socket_type::push};
  zmq::socket_t monitor_{context_, zmq::socket_type::pair};
  bool connected_ = false;  // this and the next as far as the monitor was read
  std::uint64_t disconnects_ = 0;
};

PushSocket::Sockets::Sockets(const PushSocketOptions& options) {
  secure(push_.handle(), read_keys(options.curve));
  push_.set(zmq::sockopt::immediate, true);
  push_.set(zmq::sockopt::sndtimeo, to_int(options.send_timeout));
  push_.set(zmq::sockopt::linger, to_int(options.linger + kLingerMore));
  push_.set(zmq::sockopt::sndhwm, options.high_water);
  // Without a bound: libzmq's I/O thread would block when nobody reads the monitor.
  monitor_.set(zmq::sockopt::rcvhwm, 0);
  monitor_.set(zmq::sockopt::linger, 0);
  if (zmq_socket_monitor(push_.handle(), kMonitor,
                         ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                             ZMQ_EVENT_MONITOR_STOPPED) != 0) {
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

// Counts the connections that broke, until the socket has ended (true) or `until`. A monitor event
// is two frames, and the first begins with the number of the event; see zmq_socket_monitor(3). A
// connection that never came to a handshake was not a broker's.
bool PushSocket::Sockets::read_monitor(Clock::time_point until) {
  zmq_pollitem_t item{monitor_.handle(), 0, ZMQ_POLLIN, 0};
  zmq::message_t event;
  zmq::message_t endpoint;
  while (true) {
    while (monitor_.recv(event, zmq::recv_flags::dontwait) && monitor_.recv(endpoint)) {
      std::uint16_t number = 0;
      if (event.size() < sizeof number) continue;
      std::memcpy(&number, event.data(), sizeof number);
      if (number == ZMQ_EVENT_MONITOR_STOPPED) return true;
      if (number == ZMQ_EVENT_DISCONNECTED && connected_) ++disconnects_;
      connected_ = number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    zmq_poll(&item, 1, to_int(left));  // a signal ends it early
  }
}

// The socket ends when all is written, or when the linger is over. It also ends at once when the
// connection breaks, because IMMEDIATE drops what waits for it: only the monitor tells.
Flush PushSocket::Sockets::close(std::chrono::milliseconds linger) {
  const auto asked = Clock::now();
  read_monitor(asked);
  const std::uint64_t before = disconnects_;
  push_.close();
  const bool ended = read_monitor(asked + linger);
  monitor_.close();
  context_.close();
  return {ended && disconnects_ == before, disconnects_};
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
