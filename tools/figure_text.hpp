#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schema/time.hpp"

namespace weir::tools {

// Figures as people read them, the same in every locale. "-" where there is no data.

// 1,204,511
std::string count_text(std::uint64_t count);
std::string count_text(std::optional<std::int64_t> count);

// About three digits, never in exponents: 0.05, 9.98, 98.7, 1,205. Negative or not finite: "-".
std::string decimal_text(std::optional<double> value);

// Milliseconds, as decimal_text.
std::string ms_text(std::optional<double> us);

// part of whole in percent without the sign: 0, <0.01, 0.25, 12.3, 100. "-" of nothing.
std::string percent_text(std::uint64_t part, std::uint64_t whole);

// 0:07, 12:34, 1:02:34, 3d 04:05:06
std::string span_text(double seconds);

// 512 B, 1.23 kB, 45.6 MB, 7.89 GB
std::string bytes_text(std::optional<std::int64_t> bytes);

// 2026-11-21 20:00:12, in UTC
std::string second_text(schema::Timestamp time);

// 2026-11-21 19:47:38 to 20:00:12, in UTC; with the second date if it is another one
std::string range_text(schema::Timestamp first, schema::Timestamp last);

}  // namespace weir::tools
