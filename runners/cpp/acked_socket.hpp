#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runners/cpp/curve.hpp"

namespace weir::runners {

// One message of weir-ack/1.
struct AckedFrame {
  char kind = 0;
  std::string fields;
};

// A ZeroMQ DEALER socket connected to a broker's acked endpoint, in a context of its own, and a
// bell that ends its wait. Holds at most kQueued frames each way, and reads none over kAnswerBytes.
// Used by one thread at a time, except for ring(). The destructor closes without waiting.
class AckedSocket {
 public:
  static constexpr int kQueued = 1000;
  static constexpr std::int64_t kAnswerBytes = std::int64_t{1} << 20;

  // Connects in the background. Throws std::runtime_error if `to` is not an endpoint, or if there
  // are no descriptors left.
  AckedSocket(const std::string& to, const CurveOptions& curve);
  ~AckedSocket();
  AckedSocket(const AckedSocket&) = delete;
  AckedSocket& operator=(const AckedSocket&) = delete;

  // A new connection; what waits in the old one is dropped. Without descriptors for it there is
  // none, and what is sent is lost, until the next call.
  void reopen();
  // Never waits. False: there was no room.
  bool send(char kind, std::string_view fields);
  // What came, without waiting. Anything that is not a frame of weir-ack/1 is skipped.
  std::optional<AckedFrame> receive();
  // Until something came, ring() was called, or `timeout`. A signal ends it too.
  void wait(std::chrono::milliseconds timeout);
  // Any thread.
  void ring() const;
  // Waits up to `linger` for what was sent to leave.
  void close(std::chrono::milliseconds linger);

 private:
  class Sockets;
  std::unique_ptr<Sockets> sockets_;  // empty once closed
  int bell_;
};

}  // namespace weir::runners
