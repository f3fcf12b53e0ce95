#include "store/figures.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace weir::store {
namespace {

constexpr std::array<std::uint32_t, 5> kShownPpm{500'000, 900'000, 950'000, 990'000, 999'000};
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
  statement.add(saturated(elapsed.sum())).add(elapsed.min()).add(elapsed.max());
  statement.add(elapsed.mean()).add(elapsed.sd());
  std::array<std::int64_t, kShownPpm.size()> percentiles{};
  elapsed.values_at(kShownPpm, percentiles);
  for (const std::int64_t value : percentiles) statement.add(value);
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

std::optional<std::int64_t> sum_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return a ? a : b;
  return saturated(static_cast<schema::Uint128>(std::max(*a, std::int64_t{0})) +
                   static_cast<schema::Uint128>(std::max(*b, std::int64_t{0})));
}

}  // namespace weir::store
