#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::tools {

// What the commands look at in a `broker/` message (docs/live-feed.md). Keys that an older or newer
// broker does not send are 0 or empty.
struct BrokerHealth {
  std::uint64_t rejected = 0, late = 0, missing = 0, rows_dropped = 0;
  std::string store_error;
  std::string reject_reasons;  // "limit_workers 3"
  std::uint64_t frames = 0;    // received
  std::uint64_t subscribers = 0;
  std::optional<double> longest_pause_us;
  bool operator==(const BrokerHealth&) const = default;
};

// Errors: not_json, not_object.
schema::Result<BrokerHealth> broker_health_from_json(std::string_view text);

}  // namespace weir::tools
