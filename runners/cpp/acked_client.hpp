#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runners/cpp/acked_session.hpp"
#include "runners/cpp/client.hpp"

namespace weir::runners {

// An empty text is taken from the environment (WEIR_ACKED, WEIR_TOKEN, and as in ClientOptions),
// else from the default.
struct AckedOptions {
  std::string to;         // a broker's acked endpoint; default tcp://127.0.0.1:7072
  std::string run_id;     // default none: the broker opens a run for the worker
  std::string worker_id;  // default <hostname>-<pid>
  std::string token;      // default none
  std::chrono::milliseconds send_timeout{1000};  // how long a call may wait for room
  std::chrono::milliseconds linger{10'000};      // how long close() may wait for acknowledgement
  std::size_t batch_messages = 100;              // a batch is sent when it has as many messages ...
  std::size_t batch_bytes = std::size_t{64} << 10;        // ... or bytes ...
  std::chrono::milliseconds batch_time{100};              // ... or when its first message is so old
  std::size_t max_unacked_bytes = std::size_t{64} << 20;  // held here until acknowledged
  CurveOptions curve{};                                   // keys, if the broker asks for them
};

// As complete(ClientOptions), which says what is thrown.
AckedOptions complete(AckedOptions options);

// Where to report with acknowledgement: `to` if it is not empty, else as in AckedOptions.
std::string complete_acked_endpoint(std::string to);

// Reports a load test to a weir broker as Client does, and keeps every message until the broker has
// it on disk (weir-ack/1): a broker that dies and comes back costs nothing, and counts each message
// once. A thread of its own sends, so that this goes on while the load test thinks. A call waits
// only when max_unacked_bytes are held, up to send_timeout and once an outage; then its message is
// not sent. Messages carry no seq and epoch. Used by one thread at a time.
//
//   AckedClient client;
//   client.start_test_run("nightly");
//   ...
//   Report report = client.close();
//   return report.complete() ? 0 : 1;
class AckedClient final : public ClientCalls {
 public:
  // Connects in the background. Throws std::runtime_error if `to` is not an endpoint, and as
  // complete() does.
  explicit AckedClient(const AckedOptions& options = {});

  // A message as it is, or several, one a line, which then count as one here.
  bool send(std::string_view text) override;
  void skip(std::uint64_t messages) override { report_.not_sent += messages; }
  bool wait_ready(std::chrono::milliseconds timeout) override {
    return session_.wait_room(timeout);
  }
  // Waits until all is acknowledged, at most `linger`.
  Report close() override;
  // The options as completed.
  const AckedOptions& options() const { return options_; }

 private:
  struct Completed {
    AckedOptions options;
  };
  explicit AckedClient(Completed completed);

  bool send_message(schema::Message& message) override;

  AckedOptions options_;
  AckedSession session_;
  bool stalled_ = false;
  Report report_;
};

}  // namespace weir::runners
