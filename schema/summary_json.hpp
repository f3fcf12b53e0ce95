#pragma once

#include <string>
#include <string_view>

#include "schema/error.hpp"
#include "schema/summary.hpp"

namespace weir::schema {

struct SummaryShape {
  std::size_t labels_max = 50;
  std::size_t errors_max = 20;
  bool tracebacks = false;  // large; the feed goes without them
  bool pretty = false;
};

// The JSON of docs/live-feed.md. Durations in milliseconds, times ISO 8601; bytes that are not
// UTF-8 are replaced by U+FFFD; the labels and errors beyond the shape are left out.
std::string summary_to_json(const Summary& summary, const SummaryShape& shape = {});

// Reads that JSON again (for `weir top` and tests). A key that is absent or null reads as no data,
// except run_id, seq, time and state; unknown keys are ignored. Errors: not_json, not_object,
// missing_field, bad_type. Durations come back rounded to whole microseconds.
Result<Summary> summary_from_json(std::string_view json);

}  // namespace weir::schema
