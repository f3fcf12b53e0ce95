#include "schema/duration.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace weir::schema {
namespace {

using namespace std::chrono_literals;

void must_read(const std::string& text, Elapsed expected) {
  INFO(text);
  const Result<Elapsed> read = parse_duration(text);
  REQUIRE(read.has_value());
  CHECK(*read == expected);
}

void must_refuse(const std::string& text, ErrorCode code) {
  INFO(text);
  const Result<Elapsed> read = parse_duration(text);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == code);
  CHECK(read.error().detail.find("'" + text + "'") != std::string::npos);
}

TEST_CASE("a duration is numbers with units, largest unit first", "[schema][duration]") {
  must_read("90s", 90s);
  must_read("5m", 5min);
  must_read("1h30m", 90min);
  must_read("500ms", 500ms);
  must_read("250us", 250us);
  must_read("2d", 48h);
  must_read("1d2h3m4s5ms6us", 26h + 3min + 4s + 5ms + 6us);
  must_read("0s", 0s);
  must_read("007s", 7s);
  must_read("366d", 24h * 366);
}

TEST_CASE("a duration may have a decimal fraction, cut to microseconds", "[schema][duration]") {
  must_read("1.5s", 1500ms);
  must_read("0.5m", 30s);
  must_read("1.25ms", 1250us);
  must_read("0.000001s", 1us);
  must_read("1.999999ms", 1999us);
  must_read("0.999999d", 86'399'913'600us);
}

TEST_CASE("texts that are not durations are refused with the text", "[schema][duration]") {
  for (const char* text : {"",      "10",     "s",    "-1s",  "+1s",   " 1s",       "1s ", "1 s",
                           "1S",    "1x",     "1min", "1s1s", "1s1m",  "1m1h",      "1.s", ".5s",
                           "1..5s", "1.5.5s", "1e3s", "1h30", "0x10s", "1.1234567s"}) {
    must_refuse(text, ErrorCode::bad_type);
  }
  must_refuse(std::string{"1\0s", 3}, ErrorCode::bad_type);
}

TEST_CASE("durations above 366 days are refused, whatever their size", "[schema][duration]") {
  must_refuse("367d", ErrorCode::out_of_range);
  must_refuse("366d1us", ErrorCode::out_of_range);
  must_refuse("366.000001d", ErrorCode::out_of_range);
  must_refuse("9223372036854775807us", ErrorCode::out_of_range);
  must_refuse(std::string(400, '9') + "h", ErrorCode::out_of_range);
}

TEST_CASE("a duration is written in the form in which it is read", "[schema][duration]") {
  CHECK(format_duration(0s) == "0s");
  CHECK(format_duration(90s) == "1m30s");
  CHECK(format_duration(90min) == "1h30m");
  CHECK(format_duration(500ms) == "500ms");
  CHECK(format_duration(1500ms) == "1s500ms");
  CHECK(format_duration(24h) == "1d");
  for (const Elapsed value : {Elapsed{1}, Elapsed{59'999'999}, Elapsed{123'456'789'012}}) {
    CHECK(parse_duration(format_duration(value)).value() == value);
  }
}

}  // namespace
}  // namespace weir::schema
