#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runners/cpp/curve.hpp"

namespace weir::runners {

struct PushSocketOptions {
  std::string to;  // ZeroMQ endpoint of a broker's ingest, for example tcp://127.0.0.1:7071
  std::chrono::milliseconds send_timeout{1000};  // how long send() waits for room
  std::chrono::milliseconds linger{2000};        // how long close() waits for what is on its way
  int high_water = 1000;                         // messages held here while the broker is slow
  CurveOptions curve{};                          // keys, if the broker asks for them
};

// What is known about the messages that send() took, once the socket is closed.
struct Flush {
  bool complete = true;           // false: those that waited for close() are lost, or may be
  std::uint64_t disconnects = 0;  // each may have cost the messages that were on their way
};

// A ZeroMQ PUSH socket connected to one broker, in a context of its own. IMMEDIATE is set: a
// message is taken only while a broker is connected, so nothing piles up for one that is not
// there. Used by one thread at a time. The destructor closes.
class PushSocket {
 public:
  // Connects in the background. Throws std::runtime_error if `to` is not an endpoint, and
  // as read_keys() does.
  explicit PushSocket(const PushSocketOptions& options);
  ~PushSocket();
  PushSocket(const PushSocket&) = delete;
  PushSocket& operator=(const PushSocket&) = delete;

  // Whether a message would be taken now; waits up to `timeout` for it. A signal ends the wait.
  bool wait_ready(std::chrono::milliseconds timeout);

  // Sends one frame. False if there was no broker, or no room, for send_timeout (or a signal ended
  // the wait). After a false the next sends do not wait until one succeeds, so that a broker that
  // is gone costs send_timeout once and not for every message.
  bool send(std::string_view frame);

  // Waits up to `linger` for the broker to take what was sent. Later sends return false.
  Flush close();

 private:
  class Sockets;
  std::unique_ptr<Sockets> sockets_;  // empty once closed
  PushSocketOptions options_;
  bool stalled_ = false;
  Flush flush_;
};

}  // namespace weir::runners
