#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "schema/loads_decode_text.hpp"

namespace weir::schema::loads {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

// The value of the \uXXXX escape at `at`, if there is one.
std::optional<unsigned> unicode_escape(std::string_view json, std::size_t at) {
  constexpr std::size_t kLength = 6;
  const std::string_view escape = json.substr(std::min(at, json.size()), kLength);
  if (escape.size() < kLength || !escape.starts_with("\\u")) return std::nullopt;
  unsigned value = 0;
  const char* end = escape.data() + kLength;
  const auto [stop, error] = std::from_chars(escape.data() + 2, end, value, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

bool is_high_surrogate(unsigned code) { return code >= 0xD800 && code <= 0xDBFF; }
bool is_low_surrogate(unsigned code) { return code >= 0xDC00 && code <= 0xDFFF; }

// Copies the escape at `at` and returns the position after it.
std::size_t copy_escape(std::string_view json, std::size_t at, std::string& out) {
  const std::optional<unsigned> code = unicode_escape(json, at);
  std::size_t length = code ? 6 : 2;
  if (code && is_high_surrogate(*code)) {
    const std::optional<unsigned> next = unicode_escape(json, at + length);
    if (next && is_low_surrogate(*next)) {
      length *= 2;
    } else {
      out.append("\\ufffd");
      return at + length;
    }
  } else if (code && is_low_surrogate(*code)) {
    out.append("\\ufffd");
    return at + length;
  }
  out.append(json.substr(at, length));
  return std::min(at + length, json.size());
}

std::size_t copy_string(std::string_view json, std::size_t at, std::string& out) {
  out.push_back(json[at++]);
  while (at < json.size() && json[at] != '"') {
    const std::size_t plain = std::min(json.find_first_of("\"\\", at), json.size());
    out.append(json.substr(at, plain - at));
    at = plain;
    if (at < json.size() && json[at] == '\\') at = copy_escape(json, at, out);
  }
  if (at < json.size()) out.push_back(json[at++]);
  return at;
}

bool is_not_a_number(std::string_view word) {
  static constexpr std::array<std::string_view, 6> kWords = {"NaN",      "nan", "Infinity",
                                                             "infinity", "Inf", "inf"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// Whether a number that does not fit into a double is too large rather than too small: the
// decimal exponent of its first significant digit decides.
bool is_huge(std::string_view number) {
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  std::string_view exponent = number.substr(std::min(mark + 1, number.size()));
  const bool negative = exponent.starts_with('-');
  if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t power = 0;
  constexpr std::int64_t kLargest = std::int64_t{1} << 40;  // beyond the digits of any frame
  for (char c : exponent) power = std::min(power * 10 + (c - '0'), kLargest);
  if (negative) power = -power;
  return static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + power > 0;
}

// Whether simdjson refuses the number although JSON's grammar has it.
bool overflows(std::string_view number) {
  const char* end = number.data() + number.size();
  if (number.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t negative = 0;
    std::uint64_t positive = 0;
    const auto result = number.starts_with('-') ? std::from_chars(number.data(), end, negative)
                                                : std::from_chars(number.data(), end, positive);
    return result.ec == std::errc::result_out_of_range && result.ptr == end;
  }
  double value = 0;
  const auto result = std::from_chars(number.data(), end, value);
  return result.ec == std::errc::result_out_of_range && result.ptr == end && is_huge(number);
}

// Copies the run of number or word characters at `at`, which no string, bracket, comma, colon or
// space ends.
std::size_t copy_token(std::string_view json, std::size_t at, std::string& out,
                       std::size_t& nulls) {
  std::size_t end = at;
  while (end < json.size() && (is_digit(json[end]) || is_word(json[end]) || json[end] == '-' ||
                               json[end] == '+' || json[end] == '.')) {
    ++end;
  }
  const std::string_view token = json.substr(at, end - at);
  const bool negative = token.starts_with('-');
  const std::string_view unsigned_token = token.substr(negative ? 1 : 0);
  if (is_not_a_number(unsigned_token)) {
    out.append("null");
    ++nulls;
  } else if (!unsigned_token.empty() && is_digit(unsigned_token.front()) && overflows(token)) {
    out.append(negative ? "-1e308" : "1e308");
  } else {
    out.append(token);
  }
  return end;
}

}  // namespace

std::size_t repair(std::string_view json, std::string& out) {
  out.clear();
  std::size_t nulls = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      at = copy_string(json, at, out);
    } else if (is_digit(c) || is_word(c) || c == '-') {
      at = copy_token(json, at, out, nulls);
    } else {
      out.push_back(c);
      ++at;
    }
  }
  return nulls;
}

}  // namespace weir::schema::loads
