#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

#include <zmq.hpp>

#include "broker/bind.hpp"
#include "broker/connection_limit.hpp"

namespace weir::broker {

// Counts what libzmq says of a socket's connections. A peer that does not speak ZMTP (HTTP, random
// bytes) fails its handshake, as does one without CURVE or with the wrong server key where CURVE is
// asked for; whom the doorkeeper refused is not counted here. A peer that announces a frame over
// MAXMSGSIZE is disconnected, which libzmq does not tell apart from one that leaves. Used by the
// core thread only.
class Connections {
 public:
  using Clock = std::chrono::steady_clock;
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t disconnected = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t accepts_failed = 0;  // out of file descriptors
    std::uint64_t open() const { return accepted - disconnected; }
  };

  // `name` must be unique in the context; `handshake` is the socket's HANDSHAKE_IVL. Throws
  // zmq::error_t.
  Connections(zmq::context_t& context, zmq::socket_t& watched, const std::string& name,
              std::chrono::milliseconds handshake = kSubscriberHandshake);

  // Reads a bounded number of events.
  void update();

  const Counts& counts() const { return counts_; }
  // Those open now. Notices handshakes that failed without a word from libzmq, too. Takes time in
  // proportion to how many are open.
  OpenConnections count_open(Clock::time_point now);
  zmq::socket_t& socket() { return events_; }

 private:
  void count(std::uint16_t event, std::int32_t value);

  zmq::socket_t events_;
  std::chrono::milliseconds handshake_;
  std::unordered_map<std::int32_t, Clock::time_point> accepted_at_;  // by file descriptor
  Counts counts_;
  std::uint64_t succeeded_ = 0;  // handshakes
  std::uint64_t refused_ = 0;    // by the doorkeeper, with an answer
};

}  // namespace weir::broker
