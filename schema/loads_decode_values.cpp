#include "schema/loads_decode_values.hpp"

#include <array>

namespace weir::schema::loads {
namespace {

constexpr std::uint64_t kMaxStatusItem = 1'000'000'000'000;

constexpr auto kPowersOfTen = [] {
  std::array<std::uint64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr std::size_t kMicros = 6;  // decimal digits of a second

Elapsed micros(std::uint64_t count) { return Elapsed{static_cast<std::int64_t>(count)}; }

// Reader::seconds() goes through the nearest double and a product by 10^6, each off by at most
// 2^-53 of itself, before it rounds. For less than 10^9 s that is less than 10^15 * 2^-52 * 1.01
// < 1/4 of a microsecond: whole microseconds come out exact. For less than 10^6 s it is less than
// 2^-12, so digits / 10^places comes to the same unless it is nearer than that to one half.
bool round_micros(std::uint64_t digits, std::size_t places, Elapsed& elapsed) {
  const std::uint64_t unit = kPowersOfTen[places - kMicros];
  const std::uint64_t twice = digits % unit * 2;
  const std::uint64_t from_half = twice > unit ? twice - unit : unit - twice;
  // As a part of the unit, more than half of 1 / 1024 = 2^-11.
  if (from_half <= unit / 1'024) return false;
  elapsed = micros(digits / unit + static_cast<std::uint64_t>(twice > unit));
  return true;
}

bool scan_item(Cursor& cursor, std::optional<std::int64_t>& item) {
  std::uint64_t value = 0;
  if (!scan_whole(cursor, value) || value > kMaxStatusItem) return false;
  item = static_cast<std::int64_t>(value);
  return true;
}

// All four of them, of few digits and at most a space after the comma. The cursor stays where it
// was if they are otherwise.
bool scan_four_items(Cursor& cursor, LoadsStatus& status) {
  if (!cursor.next_is('[')) return false;
  const char* at = cursor.at + 1;
  std::array<std::int64_t, 4> items{};
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (cursor.end - at <= 8) return false;
    at += static_cast<std::size_t>(*at == ' ');
    const WordDigits digits(at);
    if (digits.bits == 0 || digits.bits == 64 || (*at == '0' && digits.bits > 8)) return false;
    items[i] = static_cast<std::int64_t>(digits.number());
    at += digits.bits / 8;
    if (*at != (i + 1 < items.size() ? ',' : ']')) return false;
    ++at;
  }
  status = {items[0], items[1], items[2], items[3]};
  cursor.at = at;
  return true;
}

bool scan_number(Cursor& cursor) {
  // More places than a double has would do no harm; they only have to end.
  constexpr std::size_t kMostPlaces = 18;
  cursor.skip('-');
  std::uint64_t value = 0;
  if (!scan_whole(cursor, value)) return false;
  return !cursor.skip('.') || scan_digits(cursor, value, kMostPlaces) > 0;
}

}  // namespace

bool scan_any_id(Cursor& cursor, std::string_view& id) {
  if (cursor.digit_next()) {
    const char* const first = cursor.at;
    std::uint64_t value = 0;
    if (!scan_whole(cursor, value)) return false;
    id = {first, static_cast<std::size_t>(cursor.at - first)};
    return true;
  }
  bool is_ascii = true;
  id = {};
  if (!cursor.next_is('"')) return scan_null(cursor);
  if (!scan_quoted<id_marks>(cursor, id, is_ascii)) return false;
  if (id == "None") id = {};
  return is_ascii ? id.size() <= kMaxIdBytes : is_valid_id(id);
}

bool scan_any(Cursor& cursor) {
  if (cursor.at_end()) return false;
  std::string_view text;
  bool truth = false;
  switch (*cursor.at) {
    case '"':
      return scan_text(cursor, text);
    case 'n':
      return scan_null(cursor);
    case 't':
    case 'f':
      return scan_bool(cursor, truth);
    default:
      return scan_number(cursor);
  }
}

bool scan_time(Cursor& cursor, std::optional<Timestamp>& time) {
  Day day;
  return scan_time(cursor, time, day);
}

bool scan_time(Cursor& cursor, std::optional<Timestamp>& time, Day& day) {
  std::string_view text;
  if (!scan_text_or_null(cursor, text)) return false;
  time.reset();
  if (text.empty()) return true;
  const Result<Timestamp> parsed = parse_time(text);
  if (!parsed) return false;
  time = *parsed;
  day.keep(text, *parsed);
  return true;
}

bool scan_seconds_or_null(Cursor& cursor, std::optional<Elapsed>& elapsed) {
  elapsed.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  return scan_seconds(cursor, elapsed.emplace());
}

bool scan_any_seconds(Cursor& cursor, Elapsed& elapsed) {
  constexpr std::size_t kMostWhole = 9;         // so that no double can be beyond 10^9 s
  constexpr std::size_t kMostWholeRounded = 6;  // see round_micros()
  constexpr std::size_t kMostDigits = 19;       // what 64 bits hold
  std::uint64_t digits = 0;
  std::size_t whole = 0;
  if (!cursor.skip('0')) {
    whole = scan_digits(cursor, digits, kMostWhole);
    if (whole == 0) return false;
  }
  if (!cursor.skip('.')) {
    elapsed = micros(digits * kPowersOfTen[kMicros]);
    return true;
  }
  const char* const point = cursor.at;
  if (whole == 0) {
    while (cursor.skip('0')) {
    }
  }
  scan_digits(cursor, digits, kMostDigits - whole);
  const auto places = static_cast<std::size_t>(cursor.at - point);
  if (places == 0 || places >= kMicros + kPowersOfTen.size()) return false;
  if (places <= kMicros) {
    elapsed = micros(digits * kPowersOfTen[kMicros - places]);
    return true;
  }
  return whole <= kMostWholeRounded && round_micros(digits, places, elapsed);
}

bool scan_loads_status(Cursor& cursor, LoadsStatus& status) {
  if (scan_four_items(cursor, status)) return true;
  Cursor here = cursor;
  status = {};
  if (!here.skip('[')) return scan_null(cursor);
  here.skip_space();
  bool closed = here.skip(']');
  for (auto* item : {&status.hits, &status.users, &status.current_hit, &status.current_user}) {
    if (closed) break;
    if (!scan_item(here, *item)) return false;
    here.skip_space();
    closed = here.skip(']');
    if (closed) break;
    if (!here.skip(',')) return false;
    here.skip_space();
  }
  cursor = here;
  return closed;
}

}  // namespace weir::schema::loads
