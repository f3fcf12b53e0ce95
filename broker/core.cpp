#include "broker/core.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <span>
#include <utility>

#include <unistd.h>

#include "aggregator/collect.hpp"
#include "aggregator/summarize.hpp"
#include "broker/feed_json.hpp"
#include "broker/log.hpp"
#include "schema/summary_json.hpp"

namespace weir::broker {

using aggregator::Run;
using schema::StoreBatch;
using schema::Timestamp;

namespace {

// After stop(): how long frames may go on arriving, and how long a silence means that no more do.
constexpr std::chrono::milliseconds kDrainAtMost{2'000};
constexpr std::chrono::milliseconds kDrainSilence{100};

// A turn ends after this many bytes too, so that large frames delay neither a tick nor a stop.
constexpr std::size_t kBytesPerTurn = std::size_t{256} << 10;

// Worker events of a run that are published and logged in one tick.
constexpr std::size_t kWorkerEventsPerTick = 100;

// A tick that comes early because a runner is done keeps this distance from the one before.
constexpr std::chrono::milliseconds kShortestTick{100};

Timestamp now_utc() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string summary_topic(const Run& run) { return "summary/" + run.run_id() + "/"; }
std::string run_topic(const Run& run) { return "run/" + run.run_id() + "/"; }

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  if (!(statm >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Returns whether anything is ready. A signal that interrupts the wait is as good as its end.
bool wait_for(std::span<zmq::pollitem_t> items, std::chrono::milliseconds at_most) {
  try {
    return zmq::poll(items.data(), items.size(), at_most) > 0;
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw;
    return false;
  }
}

void add_judgements(BrokerStatus& status, const Run& run) {
  status.late += run.late();
  status.skewed += run.skewed();
  status.tests_unmeasured += run.tests().unmeasured();
  status.late_samples_not_placed += run.late_samples_not_placed();
  for (const auto& [id, worker] : run.workers()) {
    status.missing += worker.sequence.missing();
    status.duplicate += worker.sequence.duplicate();
  }
}

}  // namespace

Core::Core(const Config& config, zmq::context_t& context, StoreWorker& store, std::int64_t next_run,
           const std::vector<schema::ClosedRun>& closed)
    : feed_config_(config.feed),
      frames_per_turn_(config.ingest.frames_per_turn),
      store_(store),
      registry_({config.limits, config.run, config.labels}, next_run, closed),
      intake_(context, config.ingest),
      feed_(context, config.feed),
      ingest_connections_(context, intake_.socket(), "ingest"),
      feed_connections_(context, feed_.socket(), "feed"),
      hit_rows_(config.store.hits_max_per_run, PendingRows::hits_max(config.store.queue_rows),
                config.labels.keep_query, config.limits.text_bytes),
      reception_(config.limits, config.labels.keep_query, registry_, {&hit_rows_, &stop_notice_},
                 config.relay.endpoint.empty() ? nullptr : &relay_.emplace(context, config.relay)) {
}

std::optional<std::string> Core::relay_endpoint() const {
  if (!relay_) return std::nullopt;
  return relay_->endpoint();
}

void Core::run() {
  std::array<zmq::pollitem_t, 5> items{{{intake_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                        {feed_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                        {ingest_connections_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                        {feed_connections_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                        {nullptr, stop_.fd(), ZMQ_POLLIN, 0}}};
  Clock::time_point last_tick = Clock::now();
  Clock::time_point next_tick = last_tick + feed_config_.tick;
  bool more = false;
  while (!stop_.was_rung()) {
    const Clock::time_point wake = std::min(next_tick, feed_.next_answer().value_or(next_tick));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - Clock::now());
    const auto wait =
        more ? std::chrono::milliseconds{0} : std::max(left, std::chrono::milliseconds{0});
    wait_for(items, wait);
    more = receive(now_utc());
    feed_.answer_subscriptions(Clock::now());
    ingest_connections_.update();
    feed_connections_.update();
    if (stop_notice_.take()) next_tick = std::min(next_tick, last_tick + kShortestTick);
    if (Clock::now() >= next_tick) {
      tick(now_utc());
      last_tick = Clock::now();
      // A tick that came late does not make the following ones early.
      next_tick = std::max(next_tick + feed_config_.tick, last_tick);
    }
  }
  drain();
}

// Returns whether there may be more frames.
bool Core::receive(Timestamp now) {
  std::string_view frame;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < frames_per_turn_ && bytes < kBytesPerTurn; ++i) {
    switch (intake_.receive(frame)) {
      case Intake::Received::frame:
        reception_.accept(frame, now);
        break;
      case Intake::Received::multipart:
        reception_.refuse_multipart(frame, now);
        break;
      case Intake::Received::nothing:
        return false;
    }
    bytes += frame.size();
  }
  return true;
}

void Core::drain() {
  intake_.stop_listening();
  const Clock::time_point give_up = Clock::now() + kDrainAtMost;
  std::array<zmq::pollitem_t, 1> items{{{intake_.socket().handle(), 0, ZMQ_POLLIN, 0}}};
  while (wait_for(items, kDrainSilence)) {
    frames_left_ = Clock::now() >= give_up;
    if (frames_left_) break;
    receive(now_utc());
  }
  const Timestamp now = now_utc();
  registry_.end_all(now);
  tick(now);
}

void Core::tick(Timestamp now) {
  const StoreStats stored = store_.stats();
  rows_lost_ = rows_lost_ || stored.rows_dropped > rows_dropped_;
  rows_dropped_ = stored.rows_dropped;
  registry_.tick(now, [this](Run& run) { forget(run); });
  // Rows that found no room are made again once the store has caught up.
  if (rows_lost_ && stored.queue_rows == 0) {
    for (auto& [number, run] : registry_.runs()) aggregator::collect_again(run);
    rows_lost_ = false;
    collect_all_ = true;
  }
  StoreBatch batch;
  for (auto& [number, run] : registry_.runs()) publish_run(run, now, batch);
  collect_all_ = false;
  reception_.take_rejects(batch);
  hit_rows_.take(batch);
  store_.submit(std::move(batch));
  feed_.publish("broker/", [&](std::uint64_t seq) { return broker_json(status(now), seq); });
}

void Core::publish_run(Run& run, Timestamp now, StoreBatch& batch) {
  if (collect_all_ || run.changed() || !run.uncollected().intervals.empty()) {
    aggregator::collect(run, batch, collect_all_);
  }
  if (!run.ended() || run.changed()) publish_summary(run, now);
  publish_events(run, batch);
}

void Core::publish_summary(Run& run, Timestamp now) {
  schema::Summary summary = aggregator::summarize(
      run, now, {.labels_max = feed_config_.labels_max, .errors_max = feed_config_.errors_max});
  const schema::SummaryShape shape{.labels_max = feed_config_.labels_max,
                                   .errors_max = feed_config_.errors_max};
  feed_.publish(summary_topic(run), [&](std::uint64_t seq) {
    summary.seq = seq;
    return schema::summary_to_json(summary, shape);
  });
  run.mark_summary(now);
}

// All events are stored. Where very many workers come or go at once, the feed and the log get the
// first of them only: subscribers would lose other messages.
void Core::publish_events(Run& run, StoreBatch& batch) {
  std::size_t of_workers = 0;
  for (const aggregator::RunEvent& event : std::exchange(run.uncollected().events, {})) {
    const std::string_view kind = aggregator::to_string(event.kind);
    batch.events.push_back({.run = run.number(),
                            .time = event.time,
                            .kind = std::string(kind),
                            .detail = event_detail_json(run, event)});
    if (!event.worker_id.empty() && ++of_workers > kWorkerEventsPerTick) continue;
    feed_.publish(run_topic(run),
                  [&](std::uint64_t seq) { return run_event_json(run, event, seq); });
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

void Core::forget(Run& run) {
  add_judgements(forgotten_, run);
  StoreBatch batch;
  publish_events(run, batch);
  if (rows_lost_) aggregator::collect_again(run);
  aggregator::collect(run, batch, true);
  batch.forgotten.push_back(run.number());
  store_.submit(std::move(batch));
  feed_.forget(summary_topic(run));
  feed_.forget(run_topic(run));
  hit_rows_.forget(run.number());
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
  for (const auto& [number, run] : registry_.runs()) add_judgements(status, run);
  status.runs_active = registry_.active();
  status.runs_known = registry_.runs().size();
  status.ingest_connections = ingest_connections_.counts();
  status.feed_connections = feed_connections_.counts();
  status.store = store_.stats();
  status.memory_bytes = resident_bytes();
  return status;
}

}  // namespace weir::broker
