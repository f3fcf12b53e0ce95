#include "broker/intake.hpp"

#include "broker/bind.hpp"

namespace weir::broker {

Intake::Intake(zmq::context_t& context, const IngestConfig& config, const SocketGuard& guard)
    : socket_(context, zmq::socket_type::pull) {
  socket_.set(zmq::sockopt::rcvhwm, config.rcvhwm);
  socket_.set(zmq::sockopt::maxmsgsize, config.max_msg_bytes);
  socket_.set(zmq::sockopt::handshake_ivl, static_cast<int>(config.handshake_ivl.count()));
  socket_.set(zmq::sockopt::linger, 0);
  guard.protect(socket_, "ingest");
  for (const std::string& endpoint : config.endpoints) {
    endpoints_.push_back(bind_socket(socket_, endpoint));
  }
}

Intake::Received Intake::receive(std::string_view& frame) {
  if (!socket_.recv(message_, zmq::recv_flags::dontwait)) return Received::nothing;
  frame = message_.to_string_view();
  if (!message_.more()) return Received::frame;
  // libzmq delivers multipart messages whole, so the other parts are here already.
  zmq::message_t part;
  while (socket_.recv(part, zmq::recv_flags::dontwait) && part.more()) {
  }
  return Received::multipart;
}

void Intake::stop_listening() {
  for (const std::string& endpoint : endpoints_) socket_.unbind(endpoint);
}

}  // namespace weir::broker
