#include "tools/figure_text.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include <catch2/catch.hpp>

#include "schema/time.hpp"

namespace weir::tools {

TEST_CASE("counts are grouped by thousands", "[tools][figure_text]") {
  CHECK(count_text(std::uint64_t{0}) == "0");
  CHECK(count_text(std::uint64_t{999}) == "999");
  CHECK(count_text(std::uint64_t{1000}) == "1,000");
  CHECK(count_text(std::uint64_t{1204511}) == "1,204,511");
  CHECK(count_text(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
  CHECK(count_text(std::optional<std::int64_t>{}) == "-");
}

TEST_CASE("decimals have about three digits and no exponent", "[tools][figure_text]") {
  CHECK(decimal_text(std::nullopt) == "-");
  CHECK(decimal_text(0.0) == "0");
  CHECK(decimal_text(0.054) == "0.05");
  CHECK(decimal_text(9.994) == "9.99");
  CHECK(decimal_text(9.996) == "10.0");
  CHECK(decimal_text(999.94) == "999.9");
  CHECK(decimal_text(999.96) == "1,000");
  CHECK(decimal_text(1234567.8) == "1,234,568");
  CHECK(decimal_text(1e300) == ">9,000,000,000,000,000,000");
  CHECK(decimal_text(-1.0) == "-");
  CHECK(decimal_text(std::nan("")) == "-");
}

TEST_CASE("durations are shown in milliseconds", "[tools][figure_text]") {
  CHECK(ms_text(std::nullopt) == "-");
  CHECK(ms_text(11'000) == "11.0");
  CHECK(ms_text(40) == "0.04");
}

TEST_CASE("a share never looks like none or all unless it is", "[tools][figure_text]") {
  CHECK(percent_text(0, 0) == "-");
  CHECK(percent_text(0, 10) == "0");
  CHECK(percent_text(10, 10) == "100");
  CHECK(percent_text(1, 4) == "25.0");
  CHECK(percent_text(3012, 1204511) == "0.25");
  CHECK(percent_text(1, 1'000'000) == "<0.01");
  CHECK(percent_text(999'999, 1'000'000) == ">99.9");
}

TEST_CASE("spans of time read like a clock", "[tools][figure_text]") {
  CHECK(span_text(0.4) == "0:00");
  CHECK(span_text(7) == "0:07");
  CHECK(span_text(754.9) == "12:34");
  CHECK(span_text(3754) == "1:02:34");
  CHECK(span_text(3 * 86400 + 4 * 3600 + 5 * 60 + 6) == "3d 04:05:06");
  CHECK(span_text(-1) == "-");
  CHECK(span_text(1e300) == "-");
}

TEST_CASE("bytes have a unit and three digits", "[tools][figure_text]") {
  CHECK(bytes_text(std::nullopt) == "-");
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1.00 kB");
  CHECK(bytes_text(999'499) == "999 kB");
  CHECK(bytes_text(999'500) == "1.00 MB");
  CHECK(bytes_text(5'123'456'789) == "5.12 GB");
  CHECK(bytes_text(std::numeric_limits<std::int64_t>::max()) == "9.22 EB");
}

TEST_CASE("an instant is shown to the second", "[tools][figure_text]") {
  CHECK(second_text(*schema::parse_time("2026-11-21T20:00:12.9Z")) == "2026-11-21 20:00:12");
}

TEST_CASE("a range of time names its second day only if it is another", "[tools][figure_text]") {
  const auto first = *schema::parse_time("2026-11-21T23:59:58Z");
  CHECK(range_text(first, first + std::chrono::seconds{1}) == "2026-11-21 23:59:58 to 23:59:59");
  CHECK(range_text(first, first + std::chrono::seconds{2}) ==
        "2026-11-21 23:59:58 to 2026-11-22 00:00:00");
}

}  // namespace weir::tools
