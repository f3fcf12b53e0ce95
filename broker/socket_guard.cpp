#include "broker/socket_guard.hpp"

#include <array>
#include <cerrno>

#include "broker/private_file.hpp"

namespace weir::broker {
namespace {

// ZMQ_ZAP_ENFORCE_DOMAIN: every libzmq since 4.3 has it, but zmq.h names it in draft builds only.
constexpr int kZapEnforceDomain = 93;

}  // namespace

void SocketGuard::protect(zmq::socket_t& socket, const std::string& domain) const {
  if (asks) {
    socket.set(zmq::sockopt::zap_domain, domain);
    // Without it libzmq lets every key in while there is no doorkeeper.
    const int enforce = 1;
    if (zmq_setsockopt(socket.handle(), kZapEnforceDomain, &enforce, sizeof enforce) != 0) {
      throw zmq::error_t{};
    }
  }
  if (!key.secret_key.empty()) {
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, key.secret_key);
  }
}

schema::Result<SocketGuard> make_guard(const Config& config) {
  SocketGuard guard{config.security.curve || config.security.connections > 0, {}};
  if (!config.security.curve) return guard;
  const auto path = server_key_file(config);
  const auto text = read_private_file(path, KeptFrom::readers);
  if (!text) {
    const bool missing = text.error().code == schema::ErrorCode::not_found;
    return schema::fail(text.error().code, "security.curve: " + text.error().detail +
                                               (missing ? "; weir keygen makes it" : ""));
  }
  const auto key = schema::parse_key_file(*text);
  if (!key || key->secret_key.empty()) {
    return schema::fail(schema::ErrorCode::invalid_setting,
                        path.string() + ": " + (key ? "no secret key" : key.error().detail));
  }
  guard.key = *key;
  return guard;
}

schema::CurveKey make_curve_key() {
  constexpr std::size_t kZ85Bytes = 41;
  std::array<char, kZ85Bytes> public_key{};
  std::array<char, kZ85Bytes> secret_key{};
  if (zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) throw zmq::error_t{};
  return {public_key.data(), secret_key.data(), {}};
}

}  // namespace weir::broker
