#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aggregator/run.hpp"
#include "broker/broker_status.hpp"
#include "broker/recovery.hpp"

namespace weir::broker {

// The JSON of the feed's run/<run_id>/ and broker/ topics (docs/live-feed.md).
std::string run_event_json(const aggregator::Run& run, const aggregator::RunEvent& event,
                           std::uint64_t seq);
std::string broker_json(const BrokerStatus& status, std::uint64_t seq);

// What loads' own broker publishes when a run is over.
std::string run_finished_json(std::string_view run_id);

// The details of the events "batches_lost" and "broker_started" in the store.
std::string batches_lost_json(std::uint64_t batches);
std::string broker_started_json(const schema::Checkpoint& last, const Recovery& recovery);

// The detail of an event in the store: empty when there is nothing to add.
std::string event_detail_json(const aggregator::Run& run, const aggregator::RunEvent& event);

}  // namespace weir::broker
