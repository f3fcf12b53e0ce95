#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schema/error.hpp"
#include "schema/record.hpp"

namespace weir::broker {

// Knows of every sender of acknowledged batches which batch it should send next, and up to which
// its batches are safe. A batch has a seq, 1, 2, 3, ... for each (worker, epoch), and the position
// in the journal behind which it is safe. Memory: about 200 bytes a sender. Used by the core thread
// only.
class AckLedger {
 public:
  enum class Verdict : std::uint8_t { take, duplicate, out_of_order };

  struct Sender {
    std::string worker_id;
    std::uint64_t epoch = 0;
    std::uint64_t next_seq = 1;  // the batch expected next
    std::uint64_t acked = 1;     // all batches below are safe
    schema::Timestamp last;      // when it last said anything
    bool changed = false;        // since take_marks()
    bool restored = false;       // nothing was heard of it since
    bool from_mark = false;      // nothing was replayed of it since
  };

  // Beyond `senders_max` the sender that was silent longest is forgotten, if that was for
  // kForgetAfter.
  explicit AckLedger(std::size_t senders_max) : senders_max_(senders_max) {}
  static constexpr std::chrono::hours kForgetAfter{24};

  // What an earlier broker stored; its batches are safe.
  void restore(const std::vector<schema::MarkRecord>& marks);

  // A sender introduces itself. A later epoch than the last starts its batches anew at 1. `oldest`,
  // if not 0, is the first batch that it still has: all below have been acknowledged to it. If
  // those are not known here they are counted as lost, which only a sender that was restored can
  // say. Pointers stay valid until the sender is forgotten in a later hello(). Errors: out_of_range
  // (the epoch is older than the last one, or `oldest` was never sent), limit_workers.
  schema::Result<Sender*> hello(std::string_view worker_id, std::uint64_t epoch,
                                std::uint64_t oldest, schema::Timestamp now);

  // Null if it was never heard of, or forgotten.
  Sender* find(std::string_view worker_id);

  static Verdict judge(const Sender& sender, std::uint64_t seq);

  // The batch that was expected is applied. It is safe once safe_until(position), or at once if
  // that has been.
  void taken(Sender& sender, std::uint64_t position, schema::Timestamp now);

  // A batch read from the journal behind the marks that were restored. False: it is already
  // counted. Batches that are missing before it are lost.
  bool replayed(std::string_view worker_id, std::uint64_t epoch, std::uint64_t seq,
                schema::Timestamp now);

  // Everything up to this position is safe. Calls acknowledged(sender) for those whose batches are
  // by that.
  template <class Acknowledged>
  void safe_until(std::uint64_t position, Acknowledged acknowledged) {
    safe_ = position;
    while (!waiting_.empty() && waiting_.front().position <= position) {
      const Waiting& batch = waiting_.front();
      if (Sender* sender = find(batch.worker_id);
          sender != nullptr && sender->epoch == batch.epoch && sender->acked <= batch.seq) {
        sender->acked = batch.seq + 1;
        acknowledged(*sender);
      }
      waiting_.pop_front();
    }
  }

  // Adds what changed since the last call.
  void take_marks(schema::StoreBatch& batch);

  std::size_t senders() const { return senders_.size(); }
  std::size_t waiting() const { return waiting_.size(); }
  // Batches that had been acknowledged and are gone all the same.
  std::uint64_t lost() const { return lost_; }

 private:
  struct Waiting {
    std::uint64_t position;
    std::string worker_id;
    std::uint64_t epoch, seq;
  };
  bool make_room(schema::Timestamp now);
  Sender& add(std::string_view worker_id, std::uint64_t epoch);

  std::size_t senders_max_;
  std::map<std::string, Sender, std::less<>> senders_;
  std::deque<Waiting> waiting_;  // ascending by position; bounded by what the journal queues
  std::vector<std::string> forgotten_;
  schema::Timestamp full_until_;  // nobody can be forgotten before
  std::uint64_t safe_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace weir::broker
