#pragma once

#include <string>

#include "schema/curve_key.hpp"

namespace weir::runners {

// The keys of an encrypted connection to a broker (security.curve). An empty text is taken from
// the environment: WEIR_CLIENT_KEY and WEIR_SERVER_KEY; with neither there is no encryption.
struct CurveOptions {
  std::string key_file;    // a client's key pair, as `weir keygen --client` writes it
  std::string server_key;  // the broker's public key, or a file with it; default that in key_file
};

// The keys that the options and the environment name; all empty if they name none. Throws
// std::runtime_error if they cannot be read; it does not quote what it read.
schema::CurveKey read_keys(CurveOptions options);

// Sets keys, if there are any, on a ZeroMQ socket that is not connected yet, given as its C handle.
// Throws std::runtime_error if this libzmq has no CURVE.
void secure(void* socket, const schema::CurveKey& keys);

}  // namespace weir::runners
