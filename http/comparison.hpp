#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "schema/summary.hpp"

namespace weir::http {

// The figures of a run or a label that are compared.
struct Compared {
  std::uint64_t count = 0, failed = 0;
  std::optional<double> per_s;
  schema::DurationSummary response;
};

// How figures differ from those of a base, in percent of the base: (other - base) / base. The share
// of failed hits differs in percentage points. Empty where either has no figure, or the base's is
// 0.
struct Change {
  std::optional<double> per_s, failed_points, mean, p50, p90, p95, p99, p999;
  // Figures for which one of the two has too few samples to say: a percentile with fewer than
  // kTailHits hits beyond it, and a mean of fewer than kMeanHits.
  std::vector<std::string_view> too_few;
};
inline constexpr double kTailHits = 10;
inline constexpr std::uint64_t kMeanHits = 30;

Change change_of(const Compared& base, const Compared& other);

}  // namespace weir::http
