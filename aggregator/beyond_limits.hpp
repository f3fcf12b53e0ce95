#pragma once

#include <cstdint>

#include "aggregator/run.hpp"

namespace weir::aggregator {

// What a run has counted under (other), because a limit of names was reached.
struct BeyondLimits {
  std::uint64_t hits = 0;      // limits.labels_per_run
  std::uint64_t tests = 0;     // limits.tests_per_run: times that one was started
  std::uint64_t counters = 0;  // limits.counters_per_run
  std::uint64_t errors = 0;    // limits.errors_per_run
};

BeyondLimits& operator+=(BeyondLimits& sum, const BeyondLimits& more);

BeyondLimits beyond_limits(const Run& run, const LimitsConfig& limits);

}  // namespace weir::aggregator
