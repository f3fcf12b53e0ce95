#pragma once

#include <chrono>
#include <string>

#include "runners/cpp/curve.hpp"

namespace weir::tools {

struct AckedSendOptions {
  std::string file;                         // - is standard input
  std::string to;                           // a broker's acked endpoint
  std::string worker_id;                    // empty: the default of the clients
  std::chrono::milliseconds timeout{5000};  // without an answer from the broker, at any time
  bool quiet = false;
  runners::CurveOptions curve{};
};

// `weir send --acked`: sends lines and waits until the broker has them on disk. Prints what became
// of them, and the lines of each batch that the broker could not read; returns the exit code.
// Throws std::system_error if the file cannot be read, std::runtime_error if `to` is not an
// endpoint.
int send_acked(const AckedSendOptions& options);

}  // namespace weir::tools
