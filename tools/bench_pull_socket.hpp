#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "broker/config.hpp"

namespace weir::tools {

// The least that a receiver can do: a PULL socket with the settings of the broker's ingest, and a
// loop that takes frames as fast as they come and counts them. Used by one thread.
class BenchPullSocket {
 public:
  struct Received {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::chrono::nanoseconds elapsed{0};  // from the first frame to the last
  };

  // Binds to a free port of the loopback interface. Throws std::runtime_error.
  explicit BenchPullSocket(const broker::IngestConfig& config);
  ~BenchPullSocket();
  BenchPullSocket(const BenchPullSocket&) = delete;
  BenchPullSocket& operator=(const BenchPullSocket&) = delete;

  const std::string& endpoint() const;
  // Until there have been so many frames, or one more that is here already. Throws
  // std::runtime_error.
  Received receive(std::uint64_t frames);

 private:
  class Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace weir::tools
