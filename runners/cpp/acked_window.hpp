#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runners/cpp/acked_wire_json.hpp"

namespace weir::runners {

// A batch that the broker could not read; it counted it and goes on behind it.
struct RefusedBatch {
  std::uint64_t seq = 0;
  std::uint64_t messages = 0;
  std::string why;  // code and message of the broker
};

// What a worker of weir-ack/1 has to do next: which batches are unacknowledged, which of them are
// on their way, and when to give up on a connection. Events go in, next() says what to do; no
// socket, and the time is a parameter. Every recovery is the same: hello, then again from the
// broker's next_seq. Batches are numbered from 1 and kept until they are acknowledged; their number
// is the caller's to bound, by held_bytes(). Used by one thread at a time.
class AckedWindow {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Batch = std::shared_ptr<const std::string>;

  static constexpr std::chrono::milliseconds kHelloWait{1000};     // then a new connection
  static constexpr std::chrono::milliseconds kProgressWait{2000};  // the same
  static constexpr std::chrono::milliseconds kPauseFirst{100};     // doubles to kPauseMost while
  static constexpr std::chrono::milliseconds kPauseMost{1000};     // nothing is acknowledged
  static constexpr std::size_t kRefusedKept = 1000;
  static constexpr std::uint64_t kMaxBatchBytes = std::uint64_t{16} << 20;  // until welcomed

  struct Step {
    enum class Kind : std::uint8_t {
      wait,   // for an event, or until `until`
      open,   // a new connection in place of the old one, if any
      hello,  // say it, with next_seq()
      batch,  // send it
      end,    // say E, with last_seq()
    };
    Kind kind = Kind::wait;
    Batch batch;
    TimePoint until = TimePoint::max();
  };

  // The seq that the next add() gives.
  std::uint64_t end_seq() const { return base_ + batches_.size(); }
  std::uint64_t last_seq() const { return end_seq() - 1; }
  // The oldest that is unacknowledged.
  std::uint64_t next_seq() const { return base_; }
  void add(Batch batch, std::uint64_t messages);
  // No more will be added.
  void finish() { finishing_ = true; }

  // To be carried out at once, and asked again, until it is `wait`.
  Step next(TimePoint now);

  void on_welcome(const AckedWelcome& welcome, TimePoint now);
  void on_ack(const AckedAck& ack, TimePoint now);
  void on_refusal(const AckedRefusal& refusal, TimePoint now);

  bool settled() const { return batches_.empty(); }
  bool welcomed() const { return welcomed_; }
  std::uint64_t max_batch_bytes() const { return max_batch_bytes_; }
  std::size_t held_bytes() const { return held_bytes_; }
  // Messages by what became of their batches.
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t unacknowledged() const { return unacknowledged_; }
  // Why nothing more will be sent; empty while that is not so.
  const std::string& failure() const { return failure_; }
  // The refused batches since the last call, at most kRefusedKept.
  std::vector<RefusedBatch> take_refused() { return std::exchange(refused_batches_, {}); }

 private:
  enum class State : std::uint8_t { lost, opened, greeting, paused, open };

  struct Kept {
    Batch batch;
    std::uint64_t messages = 0;
    std::string refusal;  // empty unless the broker set it aside
  };

  Step next_when_open(TimePoint now);
  void release_below(std::uint64_t seq, TimePoint now);
  void pause(std::chrono::milliseconds pause, TimePoint now);
  std::chrono::milliseconds next_pause();

  State state_ = State::opened;
  std::deque<Kept> batches_;
  std::uint64_t base_ = 1;  // of batches_.front()
  std::uint64_t to_send_ = 1;
  std::uint64_t beyond_sent_ = 1;  // above every seq that was ever sent
  std::uint32_t credit_ = 0;
  std::uint64_t max_batch_bytes_ = kMaxBatchBytes;
  std::size_t held_bytes_ = 0;
  bool welcomed_ = false;
  bool finishing_ = false;
  bool end_sent_ = false;
  bool idle_ = true;         // there was nothing to wait for
  TimePoint waiting_since_;  // for a welcome, or for progress
  TimePoint resume_;         // after a pause
  int pauses_ = 0;           // since the last progress
  std::uint64_t acknowledged_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t unacknowledged_ = 0;
  std::vector<RefusedBatch> refused_batches_;
  std::string failure_;
};

}  // namespace weir::runners
