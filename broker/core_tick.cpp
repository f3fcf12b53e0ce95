// What the core does each tick: publishes, and makes checkpoints.
#include <algorithm>
#include <fstream>
#include <limits>
#include <utility>

#include <unistd.h>

#include "aggregator/collect.hpp"
#include "aggregator/summarize.hpp"
#include "broker/core.hpp"
#include "broker/feed_json.hpp"
#include "broker/log.hpp"
#include "schema/summary_json.hpp"

namespace weir::broker {

using aggregator::Run;
using schema::Timestamp;

namespace {

// Worker events of a run that are published and logged in one tick.
constexpr std::size_t kWorkerEventsPerTick = 100;

// A checkpoint comes at least so long after the one before for each label that changed, so that
// collecting them takes little of the core's time; at the latest after store.checkpoint.
constexpr std::chrono::microseconds kCheckpointPerLabel{4'000};
// So many times sooner if a runner said that it is done.
constexpr int kSooner = 8;

// What is done bit by bit between two turns: so many labels at a time, for so long.
constexpr std::size_t kLabelsPerStep = 8;
constexpr std::size_t kEveryLabel = std::numeric_limits<std::size_t>::max();
constexpr std::chrono::microseconds kSweepAtMost{500};

// While more figures than this part of store.queue_rows wait, no batch is acknowledged: what was
// acknowledged so far still finds room.
constexpr std::size_t kHeldAtPart = 4;

constexpr std::string_view kBrokerTopic = "broker/";
std::string summary_topic(const Run& run) { return "summary/" + run.run_id() + "/"; }
std::string run_topic(const Run& run) { return "run/" + run.run_id() + "/"; }

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  if (!(statm >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void add_judgements(BrokerStatus& status, const Run& run, const aggregator::LimitsConfig& limits) {
  status.late += run.late();
  status.skewed += run.skewed();
  status.tests_unmeasured += run.tests().unmeasured();
  status.late_samples_not_placed += run.late_samples_not_placed();
  status.beyond_limits += aggregator::beyond_limits(run, limits);
  for (const auto& [id, worker] : run.workers()) {
    status.missing += worker.sequence.missing();
    status.duplicate += worker.sequence.duplicate();
  }
}

bool is_empty(const schema::StoreBatch& batch) {
  return batch.runs.empty() && batch.rejects.empty() && batch.hits.empty() &&
         batch.hits_not_kept.empty() && batch.events.empty() && batch.forgotten.empty() &&
         batch.marks.empty() && batch.forgotten_senders.empty() && batch.keys.empty() &&
         batch.forgotten_keys.empty() && batch.edits.empty() && batch.deletions.empty();
}

}  // namespace

void Core::tick(Timestamp now, bool last) {
  follow_store(last);
  const bool new_tokens = tokens_.refresh(Clock::now());
  registry_.tick(now, [this](Run& run) { forget(run); });
  if (journal_) journal_->note_tick(now);
  if (acked_reception_) {
    if (new_tokens) acked_reception_->authorize_again();
    acked_reception_->tick(now);
  }
  // What an ended run left to be closed bit by bit is rows of the last checkpoint too.
  if (last) registry_.close_some(kEveryLabel);
  for (auto& [number, run] : registry_.runs()) publish_run(run, now);
  if (last) go_on_with_checkpoint(kEveryLabel);
  if (is_checkpoint_due(last)) begin_checkpoint(now, last);
  board_.put(kBrokerTopic, feed_.publish(kBrokerTopic, [&](std::uint64_t seq) {
    return broker_json(status(now), seq);
  }));
  board_.publish();
}

// What became of earlier checkpoints.
void Core::follow_store(bool last) {
  const StoreStats stored = store_.stats();
  rows_lost_ = rows_lost_ || stored.rows_dropped > rows_dropped_;
  rows_dropped_ = stored.rows_dropped;
  // Rows that found no room are made again once the store has caught up.
  if (rows_lost_ && (stored.queue_rows == 0 || last)) {
    for (auto& [number, run] : registry_.runs()) aggregator::collect_again(run);
    rows_lost_ = false;
    collect_all_ = true;
  }
  const bool hold = stored.sync_failed ||
                    stored.queue_rows - stored.queue_hits > config_.store.queue_rows / kHeldAtPart;
  if (acked_reception_) acked_reception_->hold(hold);
  if (http_reception_) http_reception_->hold(hold);
  if (stored.synced_position == 0) return;
  if (!journal_) return;
  // Damaged segments are kept for people before they are removed as old ones.
  if (damage_pending_ && stored.synced_position >= next_after_recovery_) set_aside();
  if (!damage_pending_) journal_->remove_below(stored.synced_position);
  journal_->drop_ticks(stored.synced_time);
}

void Core::publish_run(Run& run, Timestamp now) {
  const bool changed = run.changed() || !run.uncollected().intervals.empty();
  if (!run.ended() || changed) {
    unsaved_.insert(run.number());
    run_ended_ = run_ended_ || run.ended();
  }
  if (!run.ended() || run.changed()) publish_summary(run, now);
  publish_events(run);
}

void Core::publish_summary(Run& run, Timestamp now) {
  schema::Summary summary = aggregator::summarize(
      run, now, {.labels_max = config_.feed.labels_max, .errors_max = config_.feed.errors_max});
  const schema::SummaryShape shape{.labels_max = config_.feed.labels_max,
                                   .errors_max = config_.feed.errors_max};
  const std::string topic = summary_topic(run);
  auto json = feed_.publish(topic, [&](std::uint64_t seq) {
    summary.seq = seq;
    return schema::summary_to_json(summary, shape);
  });
  board_.put(topic, std::move(json), std::make_shared<const schema::Summary>(std::move(summary)));
  run.mark_summary(now);
}

// All events are stored. Where very many workers come or go at once, the feed and the log get the
// first of them only: subscribers would lose other messages.
void Core::publish_events(Run& run) {
  std::size_t of_workers = 0;
  for (const aggregator::RunEvent& event : std::exchange(run.uncollected().events, {})) {
    const std::string_view kind = aggregator::to_string(event.kind);
    batch_.events.push_back({.run = run.number(),
                             .time = event.time,
                             .kind = std::string(kind),
                             .detail = event_detail_json(run, event)});
    if (!event.worker_id.empty() && ++of_workers > kWorkerEventsPerTick) continue;
    board_.put(run_topic(run), feed_.publish(run_topic(run), [&](std::uint64_t seq) {
      return run_event_json(run, event, seq);
    }));
    if (event.worker_id.empty()) {
      log_event(LogLevel::info, "run_" + std::string(kind),
                {{"run", run.run_id()}, {"state", schema::to_string(run.state())}});
    } else {
      log_event(LogLevel::info, kind, {{"run", run.run_id()}, {"worker", event.worker_id}});
    }
    if (event.kind == aggregator::RunEventKind::finished && relay_) {
      relay_->send_run_finished(run.run_id());
    }
  }
}

bool Core::is_checkpoint_due(bool last) {
  if (under_way_) return false;
  if (last || collect_all_ || run_ended_ || !orders_.empty()) return true;
  std::size_t labels = 0;
  for (const auto& [number, run] : registry_.runs()) {
    if (unsaved_.contains(number)) labels += run.labels().size();
  }
  const auto per_label = runner_done_ ? kCheckpointPerLabel / kSooner : kCheckpointPerLabel;
  const Clock::duration apart =
      std::min<Clock::duration>(config_.store.checkpoint, per_label * labels);
  return Clock::now() - last_checkpoint_ >= apart - config_.feed.tick / 2;
}

// Rows that add up go to the store together with the states they were taken from and the position
// of the journal: all or nothing of what came before is stored.
void Core::begin_checkpoint(Timestamp now, bool last) {
  OpenCheckpoint under;
  for (auto& [number, run] : registry_.runs()) {
    if (!collect_all_ && !unsaved_.contains(number)) continue;
    under.runs.emplace_back(run, collect_all_);
  }
  if (last) {
    batch_.events.push_back({.run = 0, .time = now, .kind = "broker_stopped", .detail = {}});
  }
  if (const std::uint64_t lost = ledger_.lost() - std::exchange(lost_noted_, ledger_.lost());
      lost > 0) {
    batch_.events.push_back(
        {.run = 0, .time = now, .kind = "batches_lost", .detail = batches_lost_json(lost)});
  }
  unsaved_.clear();
  collect_all_ = run_ended_ = runner_done_ = false;
  take_sidelines(books(), batch_);
  const std::uint64_t position = journal_ ? journal_->next_position() : next_after_recovery_;
  const Clock::time_point at = Clock::now();
  const bool nothing_new =
      under.runs.empty() && is_empty(batch_) && position == checkpoint_position_;
  const bool sync =
      last || !last_synced_ || !orders_.empty() || at - *last_synced_ >= config_.store.checkpoint;
  last_checkpoint_ = at;
  if (nothing_new && !last && last_synced_ && !(sync && unsynced_)) {
    // All runs are over and stored: the time that passes changes nothing that a journal must say.
    const bool is_stored = store_.stats().synced_position == checkpoint_position_;
    if (journal_ && !unsynced_ && is_stored) journal_->drop_ticks(now);
    return;
  }
  checkpoint_position_ = position;
  unsynced_ = !sync;
  if (sync) last_synced_ = at;
  batch_.synced = sync;
  batch_.checkpoint = {.position = position,
                       .next_run = registry_.next_run(),
                       .anonymous_run = registry_.anonymous_run(),
                       .time = now,
                       .stopped = last};
  under.batch = std::exchange(batch_, {});
  under.orders = std::exchange(orders_, {});
  under_way_ = std::move(under);
  go_on_with_checkpoint(last ? kEveryLabel : kLabelsPerStep);
}

// Returns whether there is more to do.
bool Core::go_on_with_checkpoint(std::size_t labels_max) {
  if (!under_way_) return false;
  for (aggregator::RunCheckpoint& run : under_way_->runs) {
    if (run.step(labels_max)) return true;
  }
  for (aggregator::RunCheckpoint& run : under_way_->runs) run.move_into(under_way_->batch);
  const std::uint64_t number = store_.submit(std::move(under_way_->batch));
  for (auto& done : under_way_->orders) waiting_orders_.push_back({number, std::move(done)});
  under_way_.reset();
  return false;
}

// Work on very many labels would be a pause in which nothing is received.
bool Core::sweep() {
  const Clock::time_point until = Clock::now() + kSweepAtMost;
  bool more = true;
  while (more && Clock::now() < until) {
    more = registry_.close_some(kLabelsPerStep);
    more = go_on_with_checkpoint(kLabelsPerStep) || more;
  }
  return more;
}

void Core::forget(Run& run) {
  go_on_with_checkpoint(kEveryLabel);
  add_judgements(forgotten_, run, config_.limits);
  publish_events(run);
  if (rows_lost_) aggregator::collect_again(run);
  collect_forgotten(books(), run, batch_);
  unsaved_.erase(run.number());
  run_ended_ = true;
  for (const std::string& topic : {summary_topic(run), run_topic(run)}) {
    feed_.forget(topic);
    board_.remove(topic);
  }
}

BrokerStatus Core::status(Timestamp now) {
  const Reception::Counts& counts = reception_.counts();
  BrokerStatus status = forgotten_;
  status.time = now;
  status.uptime = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_);
  status.frames = counts.frames;
  status.bytes = counts.bytes;
  status.decoded = counts.decoded;
  status.rejected = counts.rejected;
  status.repaired = counts.repaired;
  for (const auto& [number, run] : registry_.runs()) add_judgements(status, run, config_.limits);
  status.runs_active = registry_.active();
  status.runs_known = registry_.runs().size();
  status.ingest_connections = ingest_connections_.counts();
  status.feed_connections = feed_connections_.counts();
  status.connections_open = open_connections_.settled + open_connections_.young;
  status.handshakes_failed =
      status.ingest_connections.handshakes_failed + status.feed_connections.handshakes_failed +
      (acked_connections_ ? acked_connections_->counts().handshakes_failed : 0) +
      (relay_connections_ ? relay_connections_->counts().handshakes_failed : 0);
  status.refused = doorkeeper_.counts();
  if (acked_reception_) {
    status.acked = acked_reception_->counts();
    status.acked_senders = acked_reception_->connections();
    status.acked_connections = acked_connections_->counts();
    status.acked_lost = ledger_.lost();
  }
  if (journal_) status.journal = journal_->stats();
  status.not_journaled = not_journaled_;
  if (http_reception_) {
    status.http_accepting = http_reception_->began();
    status.http = http_reception_->counts();
  }
  status.store = store_.stats();
  status.memory_bytes = resident_bytes();
  status.longest_pause = std::chrono::duration_cast<std::chrono::microseconds>(
      std::exchange(longest_pause_, Clock::duration{}));
  return status;
}

}  // namespace weir::broker
