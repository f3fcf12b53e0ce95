#include "schema/time.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace weir::schema;
using std::chrono::microseconds;

namespace {

// The C library's calendar, which ours is checked against.
std::string text_of(std::int64_t seconds, int micros) {
  const auto clock = static_cast<std::time_t>(seconds);
  std::tm fields{};
  REQUIRE(gmtime_r(&clock, &fields) != nullptr);
  std::array<char, 80> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                                   fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday,
                                   fields.tm_hour, fields.tm_min, fields.tm_sec, micros);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string two_digits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

Timestamp at(std::int64_t seconds, std::int64_t micros = 0) {
  return Timestamp{microseconds{seconds * 1'000'000 + micros}};
}

void must_read(std::string_view text, Timestamp expected) {
  INFO(text);
  const auto time = parse_time(text);
  REQUIRE(time.has_value());
  CHECK(time->time_since_epoch().count() == expected.time_since_epoch().count());
}

void must_refuse(std::string_view text, ErrorCode code) {
  INFO(text);
  const auto time = parse_time(text);
  REQUIRE_FALSE(time.has_value());
  CHECK(time.error().code == code);
}

constexpr std::int64_t kEnd = 7'258'118'400;     // 2200-01-01
constexpr std::int64_t kSample = 1'795'291'212;  // 2026-11-21T20:00:12Z

}  // namespace

TEST_CASE("times are written in UTC with microseconds", "[schema][time]") {
  CHECK(format_time(at(kSample)) == "2026-11-21T20:00:12.000000Z");
  CHECK(format_time(at(0)) == "1970-01-01T00:00:00.000000Z");
  CHECK(format_time(at(0, -1)) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_time(at(kEnd, -1)) == "2199-12-31T23:59:59.999999Z");
}

TEST_CASE("an instant beyond four-digit years is written as the last one", "[schema][time]") {
  CHECK(format_time(Timestamp::max()) == "9999-12-31T23:59:59.999999Z");
  CHECK(format_time(Timestamp::min()) == "0000-01-01T00:00:00.000000Z");
}

TEST_CASE("random instants are read and written as the C library has them", "[schema][time]") {
  std::mt19937_64 random{1};
  std::uniform_int_distribution<std::int64_t> seconds{0, kEnd - 1};
  std::uniform_int_distribution<int> micros{0, 999'999};
  std::size_t wrong = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t second = seconds(random);
    const int micro = micros(random);
    const std::string text = text_of(second, micro);
    const auto time = parse_time(text);
    if (!time || *time != at(second, micro) || format_time(at(second, micro)) != text) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("every day from 1970 to 2199 is read and written right", "[schema][time]") {
  std::size_t wrong = 0;
  for (std::int64_t second = 0; second < kEnd; second += 86'400) {
    const std::string text = text_of(second, 0);
    const auto time = parse_time(text);
    if (!time || *time != at(second) || format_time(at(second)) != text) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a date that no month has is out of range", "[schema][time]") {
  constexpr std::array kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::size_t wrong = 0;
  for (int year = 1970; year < 2200; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (int month = 0; month <= 13; ++month) {
      const bool real = month >= 1 && month <= 12;
      const int days = real ? kDays.at(static_cast<std::size_t>(month - 1)) : 0;
      for (int day = 0; day <= 32; ++day) {
        const std::string text = two_digits(year / 100) + two_digits(year % 100) + '-' +
                                 two_digits(month) + '-' + two_digits(day) + "T00:00:00";
        const bool exists = day >= 1 && day <= days + (leap && month == 2 ? 1 : 0);
        const auto time = parse_time(text);
        if (time.has_value() != exists) ++wrong;
        if (!time && time.error().code != ErrorCode::out_of_range) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a time without zone is UTC, with or without fraction", "[schema][time]") {
  must_read("2026-11-21T20:00:12", at(kSample));
  must_read("2026-11-21 20:00:12", at(kSample));
  must_read("2026-11-21T20:00:12Z", at(kSample));
  must_read("2026-11-21T20:00:12.5", at(kSample, 500'000));
  must_read("2026-11-21T20:00:12,5Z", at(kSample, 500'000));
  must_read("2026-11-21T20:00:12.743477", at(kSample, 743'477));
  must_read("2026-11-21T20:00:12.000001Z", at(kSample, 1));
}

TEST_CASE("a fraction may have any length and is truncated", "[schema][time]") {
  must_read("2026-11-21T20:00:12.1234569", at(kSample, 123'456));
  must_read("2026-11-21T20:00:12.999999999999Z", at(kSample, 999'999));
  must_read("2026-11-21T20:00:12." + std::string(10'000, '9') + "+00:00", at(kSample, 999'999));
  std::string digits;
  for (int length = 1; length <= 6; ++length) {
    digits += '7';
    const int expected = std::stoi((digits + "000000").substr(0, 6));
    must_read("2026-11-21T20:00:12." + digits + "Z", at(kSample, expected));
  }
}

TEST_CASE("an offset is taken off", "[schema][time]") {
  must_read("2026-11-21T20:00:12+00:00", at(kSample));
  must_read("2026-11-21T20:00:12-00:00", at(kSample));
  must_read("2026-11-21T22:00:12+02:00", at(kSample));
  must_read("2026-11-21T22:00:12+0200", at(kSample));
  must_read("2026-11-21T22:00:12+02", at(kSample));
  must_read("2026-11-22T01:30:12.25+05:30", at(kSample, 250'000));
  must_read("2026-11-21T12:00:12-08:00", at(kSample));
  must_read("2026-11-20T20:01:12-23:59", at(kSample));
  must_read("1970-01-01T01:00:00+01:00", at(0));
  must_read("1969-12-31T23:00:00-01:00", at(0));
}

TEST_CASE("a leap second is the last microsecond before it", "[schema][time]") {
  must_read("2016-12-31T23:59:60Z", at(1'483'228'800, -1));
  must_read("2016-12-31T23:59:60.123Z", at(1'483'228'800, -1));
  must_refuse("2016-12-31T23:59:61Z", ErrorCode::out_of_range);
}

TEST_CASE("fields out of their range are refused as such", "[schema][time]") {
  for (const char* text :
       {"2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z", "2026-11-21T20:00:12+24:00", "2026-11-21T20:00:12+00:60",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "2200-01-01T00:00:00Z",
        "2199-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    must_refuse(text, ErrorCode::out_of_range);
  }
  must_read("2000-02-29T00:00:00Z", at(951'782'400));
}

TEST_CASE("what is not ISO 8601 is refused", "[schema][time]") {
  for (const char* text : {"",
                           " ",
                           "now",
                           "2026",
                           "2026-11-21",
                           "20261121T200012Z",
                           "2026-11-21T20:00",
                           "2026-11-21X20:00:12",
                           "2026-11-21T20:00:12.",
                           "2026-11-21T20:00:12.Z",
                           "2026-11-21T20:00:12ZZ",
                           "2026-11-21T20:00:12 Z",
                           " 2026-11-21T20:00:12",
                           "2026-11-21T20:00:12+",
                           "2026-11-21T20:00:12+2",
                           "2026-11-21T20:00:12+02:",
                           "2026-11-21T20:00:12+02:0",
                           "2026-11-21T20:00:12+02:00Z",
                           "2026-11-21T20:00:12+020",
                           "-026-11-21T20:00:12",
                           "2026-1-21T20:00:12",
                           "2026-11-21T20:0a:12",
                           "1795291212",
                           "2026-11-21T20:00:12.5.5",
                           "2026-11-21T20:00:+2"}) {
    must_refuse(text, ErrorCode::bad_type);
  }
  must_refuse(std::string_view("2026-11-21T20:00:12\0", 20), ErrorCode::bad_type);
}

TEST_CASE("every prefix of a time is a shorter form or refused", "[schema][time]") {
  const std::string_view text = "2026-11-21T20:00:12.743477+02:00";
  for (std::size_t length = 0; length < 19; ++length) {
    must_refuse(text.substr(0, length), ErrorCode::bad_type);
  }
  CHECK(parse_time(text).has_value());
}

TEST_CASE("seconds become microseconds by rounding to nearest", "[schema][time]") {
  CHECK(from_seconds(0.002553).count() == 2'553);
  CHECK(from_seconds(0.0000005).count() == 1);
  CHECK(from_seconds(0.0000004).count() == 0);
  CHECK(from_seconds(-0.0000006).count() == -1);
  CHECK(from_seconds(1e9).count() == 1'000'000'000'000'000);
  CHECK(to_seconds(Elapsed{1'500'000}) == 1.5);
  CHECK(to_milliseconds(Elapsed{1'234}) == 1.234);
  std::size_t wrong = 0;
  for (std::int64_t micros = 0; micros < 5'000'000; micros += 7) {
    if (from_seconds(to_seconds(Elapsed{micros})).count() != micros) ++wrong;
  }
  CHECK(wrong == 0);
}
