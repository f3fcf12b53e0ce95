#include "store/figures.hpp"

#include <algorithm>
#include <limits>

namespace weir::store {
namespace {

constexpr auto kMaxInteger = std::numeric_limits<std::int64_t>::max();

std::int64_t saturated(schema::Uint128 value) {
  return static_cast<std::int64_t>(std::min(value, schema::Uint128{kMaxInteger}));
}

}  // namespace

void add_figures(Statement& statement, const schema::Sketch& elapsed, std::uint64_t failed) {
  statement.add(elapsed.count()).add(failed);
  if (elapsed.count() == 0) {
    constexpr int kDerived = 11;
    for (int i = 0; i < kDerived; ++i) statement.add(std::nullopt);
    return;
  }
  const schema::DurationSummary shown = schema::summarize_durations(elapsed);
  statement.add(saturated(elapsed.sum())).add(shown.min_us).add(shown.max_us);
  statement.add(shown.mean_us).add(shown.sd_us).add(shown.p50_us).add(shown.p90_us);
  statement.add(shown.p95_us).add(shown.p99_us).add(shown.p999_us);
  statement.add_blob(elapsed.serialise());
}

Figures read_figures(Columns& columns) {
  Figures figures;
  schema::DurationSummary& response = figures.response;
  response.count = columns.count();
  figures.failed = columns.count();
  response.mean_us = columns.maybe_real();
  response.sd_us = columns.maybe_real();
  response.min_us = columns.maybe_integer();
  response.max_us = columns.maybe_integer();
  response.p50_us = columns.maybe_integer();
  response.p90_us = columns.maybe_integer();
  response.p95_us = columns.maybe_integer();
  response.p99_us = columns.maybe_integer();
  response.p999_us = columns.maybe_integer();
  return figures;
}

}  // namespace weir::store
