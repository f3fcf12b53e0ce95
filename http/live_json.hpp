#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/summary.hpp"
#include "schema/time.hpp"

namespace weir::http {

using SummaryRef = std::shared_ptr<const schema::Summary>;

// The message of the topic runs/: each run in short.
std::string runs_message_json(const std::vector<SummaryRef>& runs, std::uint64_t seq);

// What happened in a run since the tick before.
struct LiveTick {
  schema::Timestamp time;
  std::optional<std::int64_t> users;
  schema::LastSummary last;
};

// "run_id":{...}: the ticks of a run as a chart wants them, a list for each figure.
std::string recent_json(std::string_view run_id, const std::deque<LiveTick>& ticks);

}  // namespace weir::http
