#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace weir::tools {

// PUSH sockets of one process, each with a connection of its own to the same endpoint, and all of
// them with one I/O thread. Plain libzmq, so that a benchmark's sender costs as little as it can.
// Used by one thread. The destructor drops what has not left.
class BenchPushSockets {
 public:
  // Waits until every connection is there, up to `patience`. Throws std::runtime_error.
  BenchPushSockets(const std::string& endpoint, std::size_t connections,
                   std::chrono::milliseconds patience);
  ~BenchPushSockets();
  BenchPushSockets(const BenchPushSockets&) = delete;
  BenchPushSockets& operator=(const BenchPushSockets&) = delete;

  // Waits for room as long as it takes: only the receiver holds the sender back. Throws
  // std::runtime_error.
  void send(std::size_t connection, std::string_view frame);

 private:
  class Sockets;
  std::unique_ptr<Sockets> sockets_;
};

// The version of libzmq that runs: "4.3.4".
std::string libzmq_version();

}  // namespace weir::tools
