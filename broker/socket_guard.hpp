#pragma once

#include <string>

#include <zmq.hpp>

#include "broker/config.hpp"
#include "schema/curve_key.hpp"
#include "schema/error.hpp"

namespace weir::broker {

// What a listening socket is told of who may connect to it.
struct SocketGuard {
  bool asks = false;     // every connection is asked about (broker/doorkeeper.hpp)
  schema::CurveKey key;  // of the server; empty: no CURVE

  // To be called before the socket is bound. `domain` is what the doorkeeper is asked with.
  void protect(zmq::socket_t& socket, const std::string& domain) const;
};

// The guard that the settings ask for. Errors: the server's key cannot be read, or others can.
schema::Result<SocketGuard> make_guard(const Config& config);

// A new key pair.
schema::CurveKey make_curve_key();

}  // namespace weir::broker
