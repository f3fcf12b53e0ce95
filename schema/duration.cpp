#include "schema/duration.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::schema {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t us;
};

// Largest first: the order in which a text must use them.
constexpr std::array kUnits{Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000},
                            Unit{"m", 60'000'000},     Unit{"s", 1'000'000},
                            Unit{"ms", 1'000},         Unit{"us", 1}};

constexpr std::int64_t kMaxUs = std::int64_t{366} * 86'400'000'000;
constexpr std::size_t kFractionDigits = 6;
constexpr std::int64_t kFractionScale = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Wanted>
std::string_view take_while(std::string_view& text, Wanted wanted) {
  const auto* end = std::find_if_not(text.begin(), text.end(), wanted);
  const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

// Stops growing beyond kMaxUs, which is out of range in any unit.
std::int64_t number_of(std::string_view digits) {
  std::int64_t value = 0;
  for (const char digit : digits) value = std::min(value * 10 + (digit - '0'), kMaxUs + 1);
  return value;
}

std::int64_t fraction_us(std::string_view digits, std::int64_t unit_us) {
  std::int64_t millionths = number_of(digits);
  for (std::size_t i = digits.size(); i < kFractionDigits; ++i) millionths *= 10;
  return millionths * unit_us / kFractionScale;
}

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(ErrorCode::bad_type, "'" + std::string{text} + "' is not a duration" +
                                       std::string{why} + "; write it like 90s, 5m or 1h30m");
}

}  // namespace

Result<Elapsed> parse_duration(std::string_view text) {
  std::int64_t total_us = 0;
  std::string_view rest = text;
  const auto* next_unit = kUnits.begin();
  do {
    const std::string_view whole = take_while(rest, is_digit);
    std::string_view fraction;
    const bool has_point = rest.starts_with('.');
    if (has_point) {
      rest.remove_prefix(1);
      fraction = take_while(rest, is_digit);
    }
    if (whole.empty() || (has_point && fraction.empty())) return bad(text, "");
    if (fraction.size() > kFractionDigits) return bad(text, " (more than six decimals)");

    const std::string_view name = take_while(rest, [](char c) { return c >= 'a' && c <= 'z'; });
    if (name.empty()) return bad(text, " (a number without a unit)");
    const auto* unit = std::find_if(next_unit, kUnits.end(),
                                    [name](const Unit& known) { return known.name == name; });
    if (unit == kUnits.end()) return bad(text, "");
    next_unit = unit + 1;

    const std::int64_t number = number_of(whole);
    if (number <= kMaxUs / unit->us)
      total_us += number * unit->us + fraction_us(fraction, unit->us);
    if (number > kMaxUs / unit->us || total_us > kMaxUs) {
      return fail(ErrorCode::out_of_range, "'" + std::string{text} + "' is more than 366d");
    }
  } while (!rest.empty());
  return Elapsed{total_us};
}

std::string format_duration(Elapsed elapsed) {
  std::string text;
  std::int64_t rest = elapsed.count();
  for (const Unit& unit : kUnits) {
    if (rest >= unit.us) text += std::to_string(rest / unit.us) + std::string{unit.name};
    rest %= unit.us;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace weir::schema
