#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "aggregator/run_checkpoint.hpp"
#include "aggregator/run_registry.hpp"
#include "broker/ack_ledger.hpp"
#include "broker/acked_intake.hpp"
#include "broker/acked_reception.hpp"
#include "broker/arrival_clock.hpp"
#include "broker/bell.hpp"
#include "broker/broker_status.hpp"
#include "broker/config.hpp"
#include "broker/connections.hpp"
#include "broker/doorkeeper.hpp"
#include "broker/hit_rows.hpp"
#include "broker/http_reception.hpp"
#include "broker/inbox.hpp"
#include "broker/intake.hpp"
#include "broker/journal_worker.hpp"
#include "broker/key_ledger.hpp"
#include "broker/live_feed.hpp"
#include "broker/reception.hpp"
#include "broker/recovery.hpp"
#include "broker/relay.hpp"
#include "broker/replay.hpp"
#include "broker/stop_notice.hpp"
#include "broker/store_worker.hpp"
#include "broker/summary_board.hpp"
#include "broker/token_list.hpp"

namespace weir::broker {

// THE LOOP: receives frames, lets time pass, publishes summaries and hands checkpoints to the
// store. One thread runs it and owns every socket and run; the clock is read here and nowhere
// below.
class Core {
 public:
  // Binds the sockets; throws when one cannot be. Runs of `before` go on.
  Core(const Config& config, zmq::context_t& context, Doorkeeper& doorkeeper, StoreWorker& store,
       Inbox& inbox, SummaryBoard& board, const Before& before);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // Before run(), once: takes in the stored runs, reads the journal behind the checkpoint and
  // starts a new part of it. Throws std::runtime_error when the journal cannot be read or written.
  const Recovery& recover(const store::StoredState& stored);

  // Runs until stop(). Then takes no new connections, processes what had been received, ends the
  // open runs, publishes and submits their last figures, and returns.
  void run();
  // After run() and when the store has ended: answers who still waits.
  void answer_rest();
  // After run(): whether it gave up before everything received was processed.
  bool left_frames() const { return frames_left_; }
  // After run(): whether rows found no room that have not been made again.
  bool lost_rows() const { return rows_lost_ || store_.stats().rows_dropped > rows_dropped_; }
  // After run() and when the store has written everything: no part of the journal is needed.
  schema::Result<void> remove_journal();
  // Any thread.
  void stop() { stop_.ring(); }

  const std::vector<std::string>& ingest_endpoints() const { return intake_.endpoints(); }
  std::optional<std::string> acked_endpoint() const;
  std::string feed_endpoint() const { return feed_.endpoint(); }
  std::optional<std::string> relay_endpoint() const;
  const Reception::Counts& counts() const { return reception_.counts(); }

 private:
  using Clock = std::chrono::steady_clock;

  bool receive(schema::Timestamp now);
  bool receive_acked(schema::Timestamp now);
  bool receive_orders(schema::Timestamp now);
  void take_order(Inbox::Entry&& entry, schema::Timestamp now);
  schema::Result<void> carry_out(const http::StopRun& stop, schema::Timestamp now);
  schema::Result<void> carry_out(const http::ChangeRun& change, schema::Timestamp now);
  schema::Result<void> carry_out(const http::DeleteRun& deletion, schema::Timestamp now);
  void answer_orders();
  void give_up_orders();
  void take_frame(std::string_view frame, schema::Timestamp now);
  void look_at_connections(Clock::time_point now);
  std::string why_denied(const std::optional<Sha256>& token) const;
  void drain();
  void stop_journal();

  schema::Timestamp read_clock();
  void tick(schema::Timestamp now, bool last);
  void publish_run(aggregator::Run& run, schema::Timestamp now);
  void publish_summary(aggregator::Run& run, schema::Timestamp now);
  void publish_events(aggregator::Run& run);
  bool is_checkpoint_due(bool last);
  void begin_checkpoint(schema::Timestamp now, bool last);
  bool go_on_with_checkpoint(std::size_t labels_max);
  bool sweep();
  void forget(aggregator::Run& run);
  void follow_store(bool last);
  BrokerStatus status(schema::Timestamp now);

  void start_journal(const store::StoredState& stored, Replay& replay, bool journals);
  void set_aside();
  Books books() { return {registry_, reception_, hit_rows_, ledger_, keys_}; }

  const Config config_;
  ArrivalClock clock_{ArrivalClock::read()};
  Doorkeeper& doorkeeper_;
  TokenList tokens_;
  StoreWorker& store_;
  Inbox& inbox_;
  SummaryBoard& board_;
  aggregator::RunRegistry registry_;
  Intake intake_;
  LiveFeed feed_;
  std::optional<Relay> relay_;
  std::optional<AckedIntake> acked_;
  Connections ingest_connections_;
  Connections feed_connections_;
  std::optional<Connections> acked_connections_, relay_connections_;
  OpenConnections open_connections_;  // as the doorkeeper was last told
  Clock::time_point connections_counted_;
  HitRows hit_rows_;
  StopNotice stop_notice_;
  Reception reception_;
  AckLedger ledger_;
  KeyLedger keys_;
  Bell stop_;
  Bell progress_;  // the journal's or the store's
  std::optional<JournalWorker> journal_;
  std::optional<AckedReception> acked_reception_;
  std::optional<HttpReception> http_reception_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point received_ = began_;  // when it was done with receiving
  Clock::duration longest_pause_{};      // in this, since the last tick

  // The checkpoint under way: what is as it was when it began, and the runs whose labels are still
  // collected.
  struct OpenCheckpoint {
    schema::StoreBatch batch;
    std::deque<aggregator::RunCheckpoint> runs;
    std::vector<std::function<void(http::Outcome)>> orders;  // that it carries out
  };
  std::optional<OpenCheckpoint> under_way_;
  // Orders in a batch of this number that is not written yet.
  struct WaitingOrder {
    std::uint64_t batch;
    std::function<void(http::Outcome)> done;
  };
  std::deque<WaitingOrder> waiting_orders_;

  // Of the next checkpoint.
  schema::StoreBatch batch_;
  std::set<std::int64_t> unsaved_;                          // runs that changed since the last one
  std::vector<std::function<void(http::Outcome)>> orders_;  // carried out since
  bool run_ended_ = false;                                  // one of them ended
  bool runner_done_ = false;  // one said so: somebody may look at the results now
  Clock::time_point last_checkpoint_;
  std::optional<Clock::time_point> last_synced_;
  bool unsynced_ = false;  // there was one since
  std::uint64_t checkpoint_position_ = 0;

  std::uint64_t rows_dropped_ = 0;  // by the store's queue, as of the last tick
  bool rows_lost_ = false;          // some of them have not been made again
  bool collect_all_ = false;        // in the next checkpoint
  bool frames_left_ = false;
  std::uint64_t lost_noted_ = 0;     // acknowledged batches, in events
  std::uint64_t not_journaled_ = 0;  // plain frames that should have been
  bool damage_pending_ = false;  // segments are to be set aside once all of them is in the store
  std::uint64_t next_after_recovery_ = 1;
  Recovery recovery_;
  BrokerStatus forgotten_;  // what add_judgements() adds, of runs that left memory
};

}  // namespace weir::broker
