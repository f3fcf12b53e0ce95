#include "broker/acked_intake.hpp"

#include <cerrno>

#include "broker/bind.hpp"

namespace weir::broker {
namespace {

// Answers are small, and a sender that reads none gets no more.
constexpr int kAnswersQueued = 1'000;
constexpr std::chrono::milliseconds kHandshakeTime{5'000};
// After the stop, for the last acknowledgements.
constexpr std::chrono::milliseconds kLinger{200};

}  // namespace

AckedIntake::AckedIntake(zmq::context_t& context, const AckedConfig& config,
                         std::int64_t max_msg_bytes, const SocketGuard& guard)
    : socket_(context, zmq::socket_type::router) {
  socket_.set(zmq::sockopt::rcvhwm, config.rcvhwm);
  socket_.set(zmq::sockopt::sndhwm, kAnswersQueued);
  socket_.set(zmq::sockopt::maxmsgsize, max_msg_bytes);
  socket_.set(zmq::sockopt::handshake_ivl, static_cast<int>(kHandshakeTime.count()));
  socket_.set(zmq::sockopt::linger, static_cast<int>(kLinger.count()));
  socket_.set(zmq::sockopt::router_mandatory, true);  // a connection that is gone is an error
  guard.protect(socket_, "acked");
  endpoint_ = bind_socket(socket_, config.endpoint);
}

AckedIntake::Received AckedIntake::receive(Request& request) {
  if (!socket_.recv(connection_, zmq::recv_flags::dontwait)) return Received::nothing;
  request = {connection_.to_string_view(), {}, {}};
  if (!connection_.more() || !socket_.recv(kind_, zmq::recv_flags::dontwait)) {
    return Received::malformed;
  }
  request.kind = kind_.to_string_view();
  if (!kind_.more() || !socket_.recv(fields_, zmq::recv_flags::dontwait)) {
    return Received::malformed;
  }
  request.fields = fields_.to_string_view();
  if (!fields_.more()) return Received::request;
  // libzmq delivers multipart messages whole, so the other parts are here already.
  zmq::message_t part;
  while (socket_.recv(part, zmq::recv_flags::dontwait) && part.more()) {
  }
  return Received::malformed;
}

AckedIntake::Sent AckedIntake::send(std::string_view connection, std::string_view kind,
                                    std::string_view fields) {
  const auto flags = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
  try {
    if (!socket_.send(zmq::buffer(connection), flags)) return Sent::later;
    socket_.send(zmq::buffer(kind), flags);
    socket_.send(zmq::buffer(fields), zmq::send_flags::dontwait);
    return Sent::sent;
  } catch (const zmq::error_t& error) {
    if (error.num() != EHOSTUNREACH) throw;
    return Sent::gone;
  }
}

}  // namespace weir::broker
