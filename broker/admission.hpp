#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "broker/client_keys.hpp"
#include "broker/connection_limit.hpp"

namespace weir::broker {

// What libzmq asks of a connection (ZAP, RFC 27).
struct ConnectionQuestion {
  std::string_view domain;      // of the socket: ingest, acked, feed or relay
  std::string_view mechanism;   // NULL or CURVE
  std::string_view public_key;  // Z85; empty without CURVE
};

enum class Verdict : std::uint8_t { admitted, refused_key, refused_role, refused_limit };

std::string_view to_string(Verdict verdict);

// Decides who may connect to what: with CURVE a known key whose role fits the socket; without it
// anybody; and never more than the limit. Used by one thread.
class Admission {
 public:
  using Clock = ConnectionLimit::Clock;

  // Without `keys` nobody needs one.
  Admission(std::optional<ClientKeys> keys, ConnectionLimit limit)
      : keys_(std::move(keys)), limit_(std::move(limit)) {}

  // `name` becomes that of the client; empty without CURVE.
  Verdict decide(const ConnectionQuestion& question, Clock::time_point now, std::string& name);

  void seen(const OpenConnections& open) { limit_.seen(open); }

 private:
  std::optional<ClientKeys> keys_;
  ConnectionLimit limit_;
};

}  // namespace weir::broker
