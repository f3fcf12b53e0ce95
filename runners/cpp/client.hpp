#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runners/cpp/push_socket.hpp"
#include "schema/message.hpp"

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
};

// The options with every empty text filled in. Throws std::invalid_argument if run_id or worker_id
// is not an id (schema/ids.hpp), a duration not 1 ms to 24 h, or high_water not positive.
ClientOptions complete(ClientOptions options);

// Where to report: `to` if it is not empty, else as in ClientOptions.
std::string complete_endpoint(std::string to);

// What became of the messages: sent went to ZeroMQ, not_sent found no broker or no room in time.
// flush says whether what was sent has left this process.
struct Report {
  std::uint64_t sent = 0;
  std::uint64_t not_sent = 0;
  Flush flush;
};

// Reports a load test to a weir broker, in the loads format. Each call is one message; it carries
// worker_id, run_id if there is one, seq (1, 2, 3, ... for every message tried, so that the broker
// sees the gap of those that were not sent), epoch (this client's start) and time. Calls return
// whether the message was sent, and do not throw. Used by one thread at a time.
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
class Client {
 public:
  // Connects in the background. Throws std::runtime_error if `to` is not an endpoint, and as
  // complete() does.
  explicit Client(const ClientOptions& options = {});

  bool start_test_run(std::string_view name = {}, std::string_view project = {},
                      std::string_view scenario = {}, const std::vector<schema::Tag>& tags = {});
  bool stop_test_run();
  bool start_test(std::string_view test);
  bool stop_test(std::string_view test);
  bool add_success(std::string_view test);
  bool add_failure(std::string_view test, const schema::Exception& exc);
  bool add_error(std::string_view test, const schema::Exception& exc);
  bool add_hit(const schema::AddHit& hit);
  bool socket_open();
  bool socket_close();
  bool socket_message(std::int64_t size_bytes);
  // A counter of your own, +1. REQUIRES: neither text is empty; name is not one of loads' words.
  bool count(std::string_view name, std::string_view test);
  // A frame as it is: nothing is added, and it takes no seq.
  bool send(std::string_view text);

  // Any message, with the time at which it happened; the calls above use this one and now. A hit
  // that says when it started gets none.
  bool report(const schema::Body& body, schema::Timestamp time);
  // What the following messages carry as loads_status.
  void set_status(const schema::LoadsStatus& status) { status_ = status; }
  // Counts messages as not sent without trying: their seqs become a gap.
  void skip(std::uint64_t messages);
  // Whether a message would be sent at once; waits up to `timeout` for it.
  bool wait_ready(std::chrono::milliseconds timeout) { return socket_.wait_ready(timeout); }

  // Waits up to `linger` for what was sent. Later calls count as not sent.
  Report close();
  // The options as completed.
  const ClientOptions& options() const { return options_; }

 private:
  bool count_sent(bool sent);

  ClientOptions options_;
  PushSocket socket_;
  std::uint64_t epoch_;
  std::uint64_t seq_ = 0;
  schema::LoadsStatus status_;
  Report report_;
};

}  // namespace weir::runners
