#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace weir::tools {

// Subscribers to everything on a live feed, in one process: some that read, and some that never do.
// Used by one thread.
class BenchSubSockets {
 public:
  // Throws std::runtime_error.
  BenchSubSockets(const std::string& endpoint, std::size_t reading, std::size_t stalled);
  ~BenchSubSockets();
  BenchSubSockets(const BenchSubSockets&) = delete;
  BenchSubSockets& operator=(const BenchSubSockets&) = delete;

  // Reads until the process is ended. Throws std::runtime_error.
  [[noreturn]] void read();

 private:
  class Sockets;
  std::unique_ptr<Sockets> sockets_;
};

}  // namespace weir::tools
