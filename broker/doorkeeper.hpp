#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <zmq.hpp>

#include "broker/admission.hpp"
#include "broker/bell.hpp"
#include "broker/socket_guard.hpp"

namespace weir::broker {

// Answers libzmq's questions about new connections (ZAP) in a thread of its own, from its
// construction to its end: it must be there before the sockets are bound and until they are closed.
// A key that is not known or not allowed gets a final no, after which libzmq's clients do not try
// again. A connection over the limit gets no answer: libzmq hangs up when the time for handshakes
// is over, and the client tries again.
class Doorkeeper {
 public:
  struct Counts {
    std::uint64_t refused_key = 0, refused_role = 0, refused_limit = 0;
  };

  // Throws zmq::error_t.
  Doorkeeper(zmq::context_t& context, SocketGuard guard, Admission admission);
  ~Doorkeeper();
  Doorkeeper(const Doorkeeper&) = delete;
  Doorkeeper& operator=(const Doorkeeper&) = delete;

  // For the sockets of this context.
  const SocketGuard& guard() const { return guard_; }

  // Any thread.
  void seen(const OpenConnections& open);
  Counts counts() const;

 private:
  void run();
  void answer(std::vector<zmq::message_t>& question);
  Verdict judge(const ConnectionQuestion& asked, std::string& name);

  SocketGuard guard_;
  zmq::socket_t socket_;  // of the thread, once it runs, as the next
  Admission admission_;
  mutable std::mutex mutex_;             // of the next two
  std::optional<OpenConnections> open_;  // news that the thread has not seen
  Counts counts_;
  Bell stop_;
  std::thread thread_;
};

// The doorkeeper that the settings ask for. Throws std::runtime_error if the keys cannot be read.
std::unique_ptr<Doorkeeper> make_doorkeeper(zmq::context_t& context, const Config& config);

}  // namespace weir::broker
