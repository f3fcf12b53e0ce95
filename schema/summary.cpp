#include "schema/summary.hpp"

#include <array>

namespace weir::schema {
namespace {

constexpr std::array<std::uint32_t, 5> kShownPpm{500'000, 900'000, 950'000, 990'000, 999'000};

}  // namespace

std::optional<double> rate(std::uint64_t count, double seconds) {
  if (seconds <= 0) return std::nullopt;
  return static_cast<double>(count) / seconds;
}

DurationSummary summarize_durations(const Sketch& sketch) {
  DurationSummary summary;
  summary.count = sketch.count();
  if (summary.count == 0) return summary;
  std::array<std::int64_t, kShownPpm.size()> values{};
  sketch.values_at(kShownPpm, values);
  summary.mean_us = sketch.mean();
  summary.sd_us = sketch.sd();
  summary.min_us = sketch.min();
  summary.max_us = sketch.max();
  summary.p50_us = values[0];
  summary.p90_us = values[1];
  summary.p95_us = values[2];
  summary.p99_us = values[3];
  summary.p999_us = values[4];
  return summary;
}

}  // namespace weir::schema
