#include "tools/figure_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace weir::tools {
namespace {

constexpr const char* kNone = "-";
// Beyond it a double cannot be rounded to an integer of 64 bits.
constexpr double kLargest = 9e18;

std::string fixed(double value, int digits) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, digits);
  return {buffer.data(), end.ptr};
}

std::string two_digits(std::uint64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, 1, ',');
  return text;
}

std::string count_text(std::optional<std::int64_t> count) {
  if (!count || *count < 0) return kNone;
  return count_text(static_cast<std::uint64_t>(*count));
}

std::string decimal_text(std::optional<double> value) {
  if (!value || !std::isfinite(*value) || *value < 0) return kNone;
  if (*value == 0) return "0";
  if (*value < 9.995) return fixed(*value, 2);
  if (*value < 999.95) return fixed(*value, 1);
  if (*value > kLargest) return ">" + count_text(static_cast<std::uint64_t>(kLargest));
  return count_text(static_cast<std::uint64_t>(std::llround(*value)));
}

std::string ms_text(std::optional<double> us) { return us ? decimal_text(*us / 1000.0) : kNone; }

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return kNone;
  if (part == 0) return "0";
  if (part == whole) return "100";
  const double percent = static_cast<double>(part) / static_cast<double>(whole) * 100.0;
  if (percent < 0.01) return "<0.01";
  if (percent < 100 && percent > 99.9) return ">99.9";
  return decimal_text(percent);
}

std::string span_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kLargest) return kNone;
  const auto whole = static_cast<std::uint64_t>(seconds);
  const std::uint64_t days = whole / 86400;
  const std::uint64_t hours = whole / 3600 % 24;
  const std::uint64_t minutes = whole / 60 % 60;
  const std::string tail = two_digits(whole % 60);
  if (days > 0) {
    return std::to_string(days) + "d " + two_digits(hours) + ":" + two_digits(minutes) + ":" + tail;
  }
  if (hours > 0) return std::to_string(hours) + ":" + two_digits(minutes) + ":" + tail;
  return std::to_string(minutes) + ":" + tail;
}

std::string bytes_text(std::optional<std::int64_t> bytes) {
  if (!bytes || *bytes < 0) return kNone;
  if (*bytes < 1000) return std::to_string(*bytes) + " B";
  constexpr std::array<std::string_view, 6> kUnits{"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(*bytes) / 1000.0;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000.0;
    ++unit;
  }
  const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fixed(value, digits).append(" ").append(kUnits.at(unit));
}

std::string second_text(schema::Timestamp time) {
  std::string text = schema::format_time(time).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string range_text(schema::Timestamp first, schema::Timestamp last) {
  const std::string from = second_text(first);
  const std::string to = second_text(last);
  const bool same_day = from.substr(0, 10) == to.substr(0, 10);
  return from + " to " + (same_day ? to.substr(11) : to);
}

}  // namespace weir::tools
