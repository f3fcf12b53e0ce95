#include "runners/cpp/acked_socket.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.hpp>

namespace weir::runners {
namespace {

int to_int(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

}  // namespace

class AckedSocket::Sockets {
 public:
  Sockets(std::string to, schema::CurveKey keys) : to_(std::move(to)), keys_(std::move(keys)) {}

  void open();
  void close(std::chrono::milliseconds linger);
  bool send(char kind, std::string_view fields);
  std::optional<AckedFrame> receive();
  void wait(std::chrono::milliseconds timeout, int bell);

 private:
  std::string to_;
  schema::CurveKey keys_;
  zmq::context_t context_;
  zmq::socket_t dealer_;
};

void AckedSocket::Sockets::open() {
  dealer_ = zmq::socket_t{};
  zmq::socket_t dealer{context_, zmq::socket_type::dealer};
  dealer.set(zmq::sockopt::linger, 0);
  dealer.set(zmq::sockopt::sndhwm, kQueued);
  dealer.set(zmq::sockopt::rcvhwm, kQueued);
  dealer.set(zmq::sockopt::maxmsgsize, kAnswerBytes);
  secure(dealer.handle(), keys_);
  dealer.connect(to_);
  dealer_ = std::move(dealer);
}

void AckedSocket::Sockets::close(std::chrono::milliseconds linger) {
  if (dealer_) dealer_.set(zmq::sockopt::linger, to_int(linger));
  dealer_.close();
  context_.close();
}

// The C functions, because no room and signals are no exceptions here. Once the first part is
// taken the second is too.
bool AckedSocket::Sockets::send(char kind, std::string_view fields) {
  if (!dealer_) return false;
  void* handle = dealer_.handle();
  return zmq_send(handle, &kind, 1, ZMQ_SNDMORE | ZMQ_DONTWAIT) == 1 &&
         zmq_send(handle, fields.data(), fields.size(), ZMQ_DONTWAIT) >= 0;
}

std::optional<AckedFrame> AckedSocket::Sockets::receive() {
  if (!dealer_) return std::nullopt;
  zmq::message_t part;
  while (zmq_msg_recv(part.handle(), dealer_.handle(), ZMQ_DONTWAIT) >= 0) {
    AckedFrame frame;
    frame.kind = part.size() == 1 ? *part.data<char>() : '\0';
    int parts = 1;
    for (; part.more() && zmq_msg_recv(part.handle(), dealer_.handle(), 0) >= 0; ++parts) {
      frame.fields = part.to_string();
    }
    if (parts == 2 && frame.kind != 0) return frame;
  }
  return std::nullopt;
}

void AckedSocket::Sockets::wait(std::chrono::milliseconds timeout, int bell) {
  std::array<zmq_pollitem_t, 2> items{
      zmq_pollitem_t{nullptr, bell, ZMQ_POLLIN, 0},
      zmq_pollitem_t{dealer_ ? dealer_.handle() : nullptr, bell, ZMQ_POLLIN, 0}};
  zmq_poll(items.data(), dealer_ ? 2 : 1, to_int(timeout));
}

AckedSocket::AckedSocket(const std::string& to, const CurveOptions& curve)
    : sockets_(std::make_unique<Sockets>(to, read_keys(curve))),
      bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (bell_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  try {
    sockets_->open();
  } catch (const zmq::error_t& error) {
    ::close(bell_);
    throw std::runtime_error("'" + to +
                             "' is not an endpoint like tcp://127.0.0.1:7072: " + error.what());
  }
}

AckedSocket::~AckedSocket() {
  close(std::chrono::milliseconds{0});
  ::close(bell_);
}

void AckedSocket::reopen() {
  if (!sockets_) return;
  try {
    sockets_->open();
  } catch (const zmq::error_t&) {  // NOLINT(bugprone-empty-catch): the next reopen() tries again
  }
}

bool AckedSocket::send(char kind, std::string_view fields) {
  return sockets_ && sockets_->send(kind, fields);
}

std::optional<AckedFrame> AckedSocket::receive() {
  return sockets_ ? sockets_->receive() : std::nullopt;
}

void AckedSocket::wait(std::chrono::milliseconds timeout) {
  if (sockets_) sockets_->wait(timeout, bell_);
  eventfd_t rings = 0;
  eventfd_read(bell_, &rings);
}

void AckedSocket::ring() const { eventfd_write(bell_, 1); }

void AckedSocket::close(std::chrono::milliseconds linger) {
  if (sockets_) sockets_->close(linger);
  sockets_.reset();
}

}  // namespace weir::runners
