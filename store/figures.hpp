#pragma once

#include <cstdint>
#include <string_view>

#include "schema/record.hpp"
#include "schema/summary.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// The columns of duration figures, the same in every table that has them.
inline constexpr std::string_view kFigureColumns =
    "count, failed, sum_us, min_us, max_us, mean_us, sd_us, p50_us, p90_us, p95_us, p99_us, "
    "p999_us, sketch";
// Those that a summary shows, in the order read_figures expects.
inline constexpr std::string_view kSummaryColumns =
    "count, failed, mean_us, sd_us, min_us, max_us, p50_us, p90_us, p95_us, p99_us, p999_us";

// Adds a value for each of kFigureColumns: all derived from the sketch, NULL where it is empty.
void add_figures(Statement& statement, const schema::Sketch& elapsed, std::uint64_t failed);

struct Figures {
  std::uint64_t failed = 0;
  schema::DurationSummary response;
};

// Reads kSummaryColumns.
Figures read_figures(Columns& columns);

}  // namespace weir::store
