#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::schema {

// A duration and an instant inside weir. Bare numbers of seconds or milliseconds exist only where
// they are read or written.
using Elapsed = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// Reads ISO 8601: YYYY-MM-DDTHH:MM:SS (or a space for the T), optional fraction of any length
// (truncated to microseconds), optional Z or +HH:MM / +HHMM / +HH offset. Without a zone the time
// is UTC, as in loads. Errors: bad_type (not such a text), out_of_range (no such date, or a year
// outside 1970..2199; a leap second 60 is read as 59.999999).
Result<Timestamp> parse_time(std::string_view text);

// 2026-11-21T20:00:12.000000Z
std::string format_time(Timestamp time);

// Seconds to microseconds, rounded to nearest. REQUIRES: |seconds| <= 1e9.
Elapsed from_seconds(double seconds);
double to_seconds(Elapsed elapsed);
double to_milliseconds(Elapsed elapsed);

}  // namespace weir::schema
