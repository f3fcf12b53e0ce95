#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "schema/record.hpp"
#include "schema/summary.hpp"
#include "schema/time.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// What one asks of the intervals of a run or of one of its labels.
struct TimelineQuery {
  std::int64_t run = 0;
  std::int64_t label = schema::kAllLabels;  // labels.id
  std::optional<schema::Elapsed> step{};    // a multiple of the stored length; empty: a good one
  std::optional<schema::Timestamp> from{}, to{};  // not before, before
  std::vector<std::uint32_t> ppms{};              // percentiles beside the usual ones
};

struct TimelinePoint {
  schema::Timestamp start;
  std::optional<std::int64_t> users;  // the most at a time
  std::uint64_t failed = 0;
  std::optional<std::int64_t> bytes_sent, bytes_received;
  schema::DurationSummary response;    // its count is the number of hits
  std::vector<std::int64_t> extra_us;  // as ppms; empty without hits
};

struct Timeline {
  schema::Elapsed step{0};
  std::vector<TimelinePoint> points;  // without gaps, from the first with hits to the last
};

// At most kMaxPoints; without a step, at most kGoodPoints. Points begin at multiples of the step
// since 1970. REQUIRES: a transaction. Errors: locked, io, bad_type (a broken sketch, or a step
// that is no multiple of the stored length), out_of_range (more than kMaxPoints).
inline constexpr std::size_t kMaxPoints = 10'000;
inline constexpr std::size_t kGoodPoints = 1'000;
schema::Result<Timeline> read_timeline(Database& database, const TimelineQuery& query);

}  // namespace weir::store
