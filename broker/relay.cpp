#include "broker/relay.hpp"

#include "broker/bind.hpp"
#include "broker/feed_json.hpp"

namespace weir::broker {

Relay::Relay(zmq::context_t& context, const RelayConfig& config, const SocketGuard& guard)
    : socket_(context, zmq::socket_type::pub) {
  constexpr int kLingerMs = 500;
  socket_.set(zmq::sockopt::sndhwm, config.sndhwm);
  socket_.set(zmq::sockopt::linger, kLingerMs);
  guard.protect(socket_, "relay");
  limit_subscribers(socket_);
  endpoint_ = bind_socket(socket_, config.endpoint);
}

void Relay::send(std::string_view message) {
  socket_.send(zmq::buffer(message), zmq::send_flags::dontwait);
}

void Relay::send_run_finished(std::string_view run_id) { send(run_finished_json(run_id)); }

}  // namespace weir::broker
