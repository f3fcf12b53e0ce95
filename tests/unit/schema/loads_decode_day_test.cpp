#include "schema/loads_decode_day.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "schema/time.hpp"

using weir::schema::Timestamp;
using weir::schema::loads::Cursor;
using weir::schema::loads::Day;

namespace {

constexpr std::string_view kFirst = "2026-11-21T20:29:56.743477Z";

// The time in quotes as a day that knows kFirst reads it.
std::optional<Timestamp> scan(std::string_view text) {
  Day day;
  day.keep(kFirst, *weir::schema::parse_time(kFirst));
  const std::string quoted = '"' + std::string(text) + "\",";
  Cursor cursor(quoted);
  std::optional<Timestamp> time;
  if (day.scan(cursor, time)) CHECK(cursor.left() == 1);
  return time;
}

}  // namespace

TEST_CASE("a time of the day read last is read as parse_time reads it") {
  for (const std::string_view text :
       {"2026-11-21T20:29:56.743477Z", "2026-11-21T00:00:00.000000Z", "2026-11-21T23:59:59.999999Z",
        "2026-11-21T09:08:07.000001Z", "2026-11-21T12:34:56.789012"}) {
    CAPTURE(text);
    CHECK(scan(text) == *weir::schema::parse_time(text));
  }
}

TEST_CASE("a time of another day or form is left to parse_time") {
  for (const std::string_view text :
       {"2026-11-22T20:29:56.743477Z", "2026-11-21 20:29:56.743477Z", "2026-11-21T24:00:00.000000Z",
        "2026-11-21T23:60:00.000000Z", "2026-11-21T23:59:60.000000Z", "2026-11-21T23:59:59.99999Z",
        "2026-11-21T23:59:59.9999999", "2026-11-21T23:59:5:.999999Z", "2026-11-21T23:59:59,999999Z",
        "2026-11-21T23:59:59.999999+01:00"}) {
    CAPTURE(text);
    CHECK_FALSE(scan(text));
  }
}

TEST_CASE("the day of a time with a zone is not kept") {
  constexpr std::string_view kZoned = "2026-11-21T00:29:56.743477+01:00";
  Day day;
  day.keep(kZoned, *weir::schema::parse_time(kZoned));
  Cursor cursor("\"2026-11-21T00:29:56.743477Z\",");
  std::optional<Timestamp> time;
  CHECK_FALSE(day.scan(cursor, time));
}
