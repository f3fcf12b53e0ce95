#pragma once

#include <string>
#include <string_view>

#include "schema/error.hpp"
#include "schema/time.hpp"

namespace weir::schema {

// Reads a DURATION as people type it: one or more numbers, each with a unit (d, h, m, s, ms, us),
// largest unit first and each at most once, without spaces: 90s, 5m, 1h30m, 500ms. A number may
// have a decimal fraction of up to six digits (1.5s), cut to whole microseconds. 0s to 366d.
// Errors: bad_type (not such a text), out_of_range (more than 366d).
Result<Elapsed> parse_duration(std::string_view text);

// The same written out, zero parts left out: 1h30m, 1m30s, 500ms, 0s. REQUIRES: elapsed >= 0.
std::string format_duration(Elapsed elapsed);

}  // namespace weir::schema
