#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "http/ports.hpp"
#include "http/services.hpp"

namespace weir::http {

// Speaks HTTP/1.1 and WebSocket, with TLS if there is a certificate. One thread reads, writes and
// runs what does not wait; a few more run what reads the results file.
class Server {
 public:
  // Binds and begins. Throws std::runtime_error when the address cannot be bound or the certificate
  // not be read. What `services` refers to, and `source`, outlive this.
  Server(const Services& services, SummarySource& source);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // http://127.0.0.1:7070
  std::string url() const;

  // Any thread: there is something to take from the source.
  void wake();

  // Takes no more connections and no more requests.
  void stop_listening();
  // Ends the threads. Viewers are given what was published, for so long; who waits for an answer of
  // the core must have it by then.
  void stop(std::chrono::milliseconds patience);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::http
