#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "runners/cpp/push_socket.hpp"

namespace weir::tools {

// Sends frames to a broker's ingest for a command that a user may stop. Used by one thread.
class FrameSender {
 public:
  static constexpr std::chrono::seconds kLinger{10};

  enum class Outcome : std::uint8_t { sent, no_broker, stopped };

  // Waits end as soon as stop_file (not owned) is readable. Throws std::runtime_error if `to` is
  // not an endpoint or the keys cannot be read.
  FrameSender(std::string to, const runners::CurveOptions& curve, std::chrono::milliseconds timeout,
              int stop_file);

  // Waits up to `timeout` for a broker that takes frames.
  Outcome wait_for_broker();
  // Sends one frame, after waiting in the same way.
  Outcome send(std::string_view frame);
  std::uint64_t sent() const { return sent_; }

  // Waits up to kLinger until everything has left. Empty, or the reason why it is not sure that
  // everything arrived.
  std::string close();
  // Why no_broker: `no broker at ...`.
  std::string no_broker_text() const;

 private:
  std::string to_;
  bool keyed_;
  std::chrono::milliseconds timeout_;
  int stop_file_;
  runners::PushSocket socket_;
  std::uint64_t sent_ = 0;
};

}  // namespace weir::tools
