#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "runners/cpp/client_calls.hpp"
#include "runners/cpp/push_socket.hpp"

namespace weir::runners {

// An empty text is taken from the environment that loads gives its runners (LOADS_ZMQ_RECEIVER,
// LOADS_RUN_ID, LOADS_AGENT_ID or LOADS_WORKER_ID), else from the default.
struct ClientOptions {
  std::string to;         // default tcp://127.0.0.1:7071
  std::string run_id;     // default none: the broker opens a run for the worker
  std::string worker_id;  // default <hostname>-<pid>
  std::chrono::milliseconds send_timeout{1000};  // how long a call may wait for the broker
  std::chrono::milliseconds linger{2000};        // how long close() may wait for it
  int high_water = 1000;                         // messages held here while the broker is slow
  CurveOptions curve{};                          // keys, if the broker asks for them
};

// The options with every empty text filled in. Throws std::invalid_argument if run_id or worker_id
// is not an id (schema/ids.hpp), a duration not 1 ms to 24 h, or high_water not positive.
ClientOptions complete(ClientOptions options);

// Where to report: `to` if it is not empty, else as in ClientOptions.
std::string complete_endpoint(std::string to);

// Reports a load test to a weir broker, in the loads format. Each call is one message; besides what
// all carry it has seq (1, 2, 3, ... for every message tried, so that the broker sees the gap of
// those that were not sent) and epoch (this client's start). Used by one thread at a time.
//
//   Client client;
//   client.start_test_run("nightly");
//   client.start_test("login");
//   client.add_hit({.url = "http://127.0.0.1:8080/", .method = "GET", .status = 200,
//                   .started = started, .elapsed = elapsed});
//   client.add_success("login");
//   client.stop_test("login");
//   client.stop_test_run();
//   Report report = client.close();
class Client final : public ClientCalls {
 public:
  // Connects in the background. Throws std::runtime_error if `to` is not an endpoint, and as
  // complete() and read_keys() do.
  explicit Client(const ClientOptions& options = {});

  // A frame as it is: nothing is added, and it takes no seq.
  bool send(std::string_view text) override;
  // Counts messages as not sent without trying: their seqs become a gap.
  void skip(std::uint64_t messages) override;
  bool wait_ready(std::chrono::milliseconds timeout) override {
    return socket_.wait_ready(timeout);
  }
  Report close() override;
  // The options as completed.
  const ClientOptions& options() const { return options_; }

 private:
  struct Completed {
    ClientOptions options;
  };
  explicit Client(Completed completed);

  bool send_message(schema::Message& message) override;
  bool count_sent(bool sent);

  ClientOptions options_;
  PushSocket socket_;
  std::uint64_t epoch_;
  std::uint64_t seq_ = 0;
  Report report_;
};

}  // namespace weir::runners
