#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runners/cpp/push_socket.hpp"
#include "schema/message.hpp"

namespace weir::runners {

// What the broker said of the messages that an acked client sent.
struct Acknowledgement {
  std::uint64_t acknowledged = 0;    // they count, once, whatever happens to the broker now
  std::uint64_t refused = 0;         // they were in batches that it could not read
  std::uint64_t unacknowledged = 0;  // no answer in time: they may count, or not
  std::string failure;               // why it takes no more; empty if it does
};

// What became of the messages: sent went to ZeroMQ, or into a batch; not_sent found no broker or no
// room in time. flush says whether what was sent has left this process.
struct Report {
  std::uint64_t sent = 0;
  std::uint64_t not_sent = 0;
  Flush flush;
  std::optional<Acknowledgement> acked;  // of an acked client

  // Whether nothing was lost, as far as can be known.
  bool complete() const;
};

// What a load test says to a broker, a call for each message; how it gets there is the business of
// the class below (Client, AckedClient). Every message carries worker_id, run_id if there is one,
// and the time. Calls return whether the message was taken, and do not throw. Used by one thread at
// a time.
class ClientCalls {
 public:
  virtual ~ClientCalls() = default;
  ClientCalls(const ClientCalls&) = delete;
  ClientCalls& operator=(const ClientCalls&) = delete;

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
  // Any message, with the time at which it happened; the calls above use this one and now. A hit
  // that says when it started gets none.
  bool report(const schema::Body& body, schema::Timestamp time);
  // What the following messages carry as loads_status.
  void set_status(const schema::LoadsStatus& status) { status_ = status; }

  // A text as it is: nothing is added.
  virtual bool send(std::string_view text) = 0;
  // Counts messages as not sent without trying.
  virtual void skip(std::uint64_t messages) = 0;
  // Whether a message would be taken at once, by a broker that is or was there; waits up to
  // `timeout` for it.
  virtual bool wait_ready(std::chrono::milliseconds timeout) = 0;
  // Waits up to `linger` for what was sent. Later calls count as not sent.
  virtual Report close() = 0;

 protected:
  ClientCalls(std::string run_id, std::string worker_id);

 private:
  // Sends a message, to which it may add.
  virtual bool send_message(schema::Message& message) = 0;

  std::string run_id_;
  std::string worker_id_;
  schema::LoadsStatus status_;
};

}  // namespace weir::runners
