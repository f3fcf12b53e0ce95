#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/config.hpp"
#include "aggregator/run.hpp"
#include "aggregator/text_map.hpp"
#include "schema/error.hpp"
#include "schema/record.hpp"

namespace weir::aggregator {

// Knows which run a message belongs to, and keeps runs from their first message until late_grace
// after their end. Used by the core thread only.
class RunRegistry {
 public:
  // `next_run` numbers the first new run; `closed` are runs of before, the oldest first.
  RunRegistry(const Settings& settings, std::int64_t next_run,
              const std::vector<schema::ClosedRun>& closed = {});

  // Takes in runs of before (run_bytes.hpp); `anonymous` is the number of the anonymous one, or 0.
  // A worker counts as last in the run that heard of it last. A run whose number or run_id is
  // taken is left out; limits.runs does not hold. Before the first apply().
  void restore(std::vector<Run>&& runs, std::int64_t anonymous);
  // The broker was away and is back: see Run::resume().
  void resume(schema::Timestamp now);

  // Applies a message to its run: the one it names; else the one its worker was last in while that
  // is open; else the open anonymous run; made if there is none. A run that can be reopened counts
  // as open. Hits wait in a group, with all they change but their worker's numbers, until somebody
  // asks for runs(), or time passes.
  // The pointer is valid until the next tick(). Errors: closed_run, limit_runs, limit_workers.
  struct Taken {
    Run* run = nullptr;
    Applied applied;
  };
  schema::Result<Taken> apply(const schema::Message& message, schema::Timestamp now);

  // Of the runs that are opened from here on: see schema::RunRecord.
  void set_source(std::string_view source) { source_ = source; }

  // The number of the run of this id, while it is known; also when it takes no more messages.
  std::optional<std::int64_t> number_of(std::string_view run_id) const;

  // Lets time pass in every run and forgets those whose late_grace is over, and while more than
  // nine tenths of limits.runs are taken those that ended first; but none in the tick that ended
  // it. `forget` gets a run before it goes, to collect it for the last time.
  void tick(schema::Timestamp now, const std::function<void(Run&)>& forget);

  // Forgets an ended run now: see tick(). REQUIRES: it is known.
  void drop(std::int64_t number, const std::function<void(Run&)>& forget);

  // Does some of what tick() left to be done bit by bit. Returns whether more is left.
  bool close_some(std::size_t labels_max);

  // Ends every run that is still open because the broker stops: see Run::stop().
  void end_all(schema::Timestamp now);

  std::map<std::int64_t, Run>& runs() {
    group_.settle();
    return runs_;
  }
  std::size_t active() const;
  // What restore() wants to be told: 0 if there is none.
  std::int64_t anonymous_run() const { return anonymous_ == nullptr ? 0 : anonymous_->number(); }
  // The number of the next new run.
  std::int64_t next_run() const { return next_run_; }

 private:
  // Where a worker is: both stay where they are while the run is here.
  struct Seat {
    Run* run = nullptr;
    Worker* worker = nullptr;
  };
  // Where a worker was last, if that run is open and the message is for it; else null.
  const Seat* last_seat_of(const schema::Envelope& envelope) const;
  schema::Result<Seat> seat_of(const schema::Envelope& envelope, schema::Timestamp now);
  schema::Result<Seat> take_seat(const schema::Envelope& envelope, Run* run, Seat* previous,
                                 schema::Timestamp now);
  // The run of a message if there is one; `previous` is the one its worker was last in, or null.
  schema::Result<Run*> find(const schema::Envelope& envelope, Run* previous, schema::Timestamp now);
  // An empty run_id opens the anonymous run.
  schema::Result<Run*> open(std::string_view run_id, schema::Timestamp now);
  void remember_closed(const schema::ClosedRun& closed);
  std::vector<Run*> find_leaving(schema::Timestamp now);
  void forget_runs(const std::vector<Run*>& leaving);
  bool is_past_grace(const Run& run, schema::Timestamp now) const;
  bool goes_on(const Run& run, schema::Timestamp now) const;

  Settings settings_;
  std::int64_t next_run_;
  std::map<std::int64_t, Run> runs_;  // by number
  TextMap<Run*> by_id_;
  TextMap<Seat> last_seat_of_;  // by worker: in the run it was last in
  std::size_t workers_ = 0;     // of all runs; exact after each tick
  Run* anonymous_ = nullptr;
  TextMap<std::int64_t> closed_;  // run_id -> number
  std::deque<std::string> closed_order_;
  HitGroup group_;
  std::string_view source_ = "loads";  // a literal
};

}  // namespace weir::aggregator
