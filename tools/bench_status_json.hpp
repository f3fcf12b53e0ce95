#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::tools {

// What a benchmark looks at in a `broker/` message (docs/live-feed.md).
struct BenchStatus {
  std::uint64_t frames = 0;  // received
  std::uint64_t rejected = 0;
  std::string reject_reasons;  // "limit_workers 3"
  std::uint64_t subscribers = 0;
  std::optional<double> longest_pause_us;  // empty if the broker does not say
  bool operator==(const BenchStatus&) const = default;
};

// Errors: not_json, not_object.
schema::Result<BenchStatus> bench_status_from_json(std::string_view text);

}  // namespace weir::tools
