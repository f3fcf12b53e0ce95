#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::tools {

// What `weir top` shows of a `broker/` message (docs/live-feed.md). Keys that an older or newer
// broker does not send are 0 or empty.
struct BrokerHealth {
  std::uint64_t rejected = 0, late = 0, missing = 0, rows_dropped = 0;
  std::string store_error;
  bool operator==(const BrokerHealth&) const = default;
};

// Errors: not_json, not_object.
schema::Result<BrokerHealth> broker_health_from_json(std::string_view text);

}  // namespace weir::tools
