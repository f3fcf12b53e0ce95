#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <zmq.hpp>

#include "aggregator/run_registry.hpp"
#include "broker/bell.hpp"
#include "broker/broker_status.hpp"
#include "broker/config.hpp"
#include "broker/connections.hpp"
#include "broker/hit_rows.hpp"
#include "broker/intake.hpp"
#include "broker/live_feed.hpp"
#include "broker/reception.hpp"
#include "broker/relay.hpp"
#include "broker/stop_notice.hpp"
#include "broker/store_worker.hpp"

namespace weir::broker {

// THE LOOP: receives frames, lets time pass, publishes summaries and hands rows to the store. One
// thread runs it and owns every socket and run; the clock is read here and nowhere below.
class Core {
 public:
  // Binds the sockets; throws zmq::error_t when one cannot be. `closed` are runs that take no more
  // messages, the oldest first; `next_run` is the number of the first new run.
  Core(const Config& config, zmq::context_t& context, StoreWorker& store, std::int64_t next_run,
       const std::vector<schema::ClosedRun>& closed);

  // Runs until stop(). Then takes no new connections, processes what had been received, ends the
  // open runs, publishes and submits their last figures, and returns.
  void run();
  // After run(): whether it gave up before everything received was processed.
  bool left_frames() const { return frames_left_; }
  // Any thread.
  void stop() { stop_.ring(); }

  const std::vector<std::string>& ingest_endpoints() const { return intake_.endpoints(); }
  std::string feed_endpoint() const { return feed_.endpoint(); }
  std::optional<std::string> relay_endpoint() const;
  const Reception::Counts& counts() const { return reception_.counts(); }

 private:
  using Clock = std::chrono::steady_clock;

  bool receive(schema::Timestamp now);
  void drain();
  void tick(schema::Timestamp now);
  void publish_run(aggregator::Run& run, schema::Timestamp now, schema::StoreBatch& batch);
  void publish_summary(aggregator::Run& run, schema::Timestamp now);
  void publish_events(aggregator::Run& run, schema::StoreBatch& batch);
  void forget(aggregator::Run& run);
  BrokerStatus status(schema::Timestamp now);

  FeedConfig feed_config_;
  std::size_t frames_per_turn_;
  StoreWorker& store_;
  aggregator::RunRegistry registry_;
  Intake intake_;
  LiveFeed feed_;
  std::optional<Relay> relay_;
  Connections ingest_connections_;
  Connections feed_connections_;
  HitRows hit_rows_;
  StopNotice stop_notice_;
  Reception reception_;
  Bell stop_;
  Clock::time_point began_ = Clock::now();
  std::uint64_t rows_dropped_ = 0;  // by the store's queue, as of the last tick
  bool rows_lost_ = false;          // some of them have not been made again
  bool collect_all_ = false;        // in this tick
  bool frames_left_ = false;
  BrokerStatus forgotten_;  // what add_judgements() adds, of runs that left memory
};

}  // namespace weir::broker
