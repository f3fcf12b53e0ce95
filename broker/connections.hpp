#pragma once

#include <cstdint>
#include <string>

#include <zmq.hpp>

namespace weir::broker {

// Counts what libzmq says of a socket's connections. A peer that does not speak ZMTP (HTTP, random
// bytes) fails its handshake; one that announces a frame over MAXMSGSIZE is disconnected, which
// libzmq does not tell apart from a peer that leaves. Used by the core thread only.
class Connections {
 public:
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t disconnected = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t accepts_failed = 0;  // out of file descriptors
    std::uint64_t open() const { return accepted - disconnected; }
  };

  // `name` must be unique in the context. Throws zmq::error_t.
  Connections(zmq::context_t& context, zmq::socket_t& watched, const std::string& name);

  // Reads a bounded number of events.
  void update();

  const Counts& counts() const { return counts_; }
  zmq::socket_t& socket() { return events_; }

 private:
  void count(std::uint16_t event);

  zmq::socket_t events_;
  Counts counts_;
};

}  // namespace weir::broker
