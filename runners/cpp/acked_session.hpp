#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runners/cpp/acked_socket.hpp"
#include "runners/cpp/acked_window.hpp"

namespace weir::runners {

struct AckedSessionOptions {
  std::string to;  // a broker's acked endpoint, for example tcp://127.0.0.1:7072
  std::string worker_id;
  std::string run_id;  // empty: none
  std::string token;   // empty: none
  // A batch is sent when it has as many messages, or bytes, or when its first is so old.
  std::size_t batch_messages = 100;
  std::size_t batch_bytes = std::size_t{64} << 10;
  std::chrono::milliseconds batch_time{100};
  std::size_t max_unacked_bytes = std::size_t{64} << 20;  // of messages held until acknowledged
  CurveOptions curve{};                                   // keys, if the broker asks for them
};

// What became of the messages that put() took, so far.
struct AckedFigures {
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;  // the broker could not read their batch
  std::uint64_t unacknowledged = 0;
  std::uint64_t acknowledged_below = 1;  // the seq of the oldest batch that is not
  std::string failure;                   // why nothing more is sent; empty while it is
};

// Puts messages into batches and keeps them until a broker says that they are safe (weir-ack/1), in
// a thread of its own that connects, sends again and waits for brokers that are away, whatever the
// caller does meanwhile. The epoch is the time at which it was made. At most max_unacked_bytes are
// held; then put() says `full`. Any thread may call.
class AckedSession {
 public:
  enum class Put : std::uint8_t {
    taken,
    full,       // for as long as was waited
    too_large,  // more than the broker takes, or than may be held
    ended,      // after finish(), or a failure()
  };

  // Throws std::runtime_error if `to` is not an endpoint, std::invalid_argument if a limit is 0.
  explicit AckedSession(AckedSessionOptions options);
  ~AckedSession() { close(); }
  AckedSession(const AckedSession&) = delete;
  AckedSession& operator=(const AckedSession&) = delete;

  // Takes one message, one line; waits up to `wait` for room. A text of several lines gets a batch
  // of its own, and counts as one message.
  Put put(std::string_view message, std::chrono::milliseconds wait);
  // The seq of the batch that the last message is in.
  std::uint64_t last_batch() const;
  // A longer message is too_large.
  std::size_t max_message_bytes() const;
  // Sends what there is; put() takes no more.
  void finish();

  // Waits up to `timeout`, not at all after a failure.
  bool wait_welcome(std::chrono::milliseconds timeout) const;
  // Until a broker has answered and there is room.
  bool wait_room(std::chrono::milliseconds timeout) const;
  // Until every batch is acknowledged or refused.
  bool wait_settled(std::chrono::milliseconds timeout) const;

  AckedFigures figures() const;
  // The batches refused since the last call.
  std::vector<RefusedBatch> take_refused();
  // Ends the thread. What is unacknowledged stays so.
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  template <class Condition>
  bool wait_for(std::chrono::milliseconds timeout, Condition condition) const;

  void run_thread();
  void carry_out(const AckedWindow::Step& step);
  void take_answers();
  void take_answer(const AckedFrame& frame);
  // These with mutex_ held.
  std::size_t most_bytes() const;
  bool room_for(std::size_t bytes) const;
  void append(std::string_view message);
  void seal();

  const AckedSessionOptions options_;
  AckedHello hello_;
  AckedSocket socket_;        // the thread's, once it runs
  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  AckedWindow window_;
  std::string batch_;  // the one being filled; its header is left free
  std::uint64_t batch_messages_ = 0;
  std::uint64_t last_batch_ = 0;
  Clock::time_point batch_due_ = Clock::time_point::max();
  bool finished_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace weir::runners
