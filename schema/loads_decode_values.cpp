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

// Most items have few digits, which are read faster one by one.
bool scan_item(Cursor& cursor, std::optional<std::int64_t>& item) {
  const char* at = cursor.at;
  const char* const end = cursor.end;
  std::uint64_t value = 0;
  if (at != end && *at == '0') {
    ++at;
  } else {
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
      value = value * 10 + static_cast<std::uint64_t>(*at - '0');
      if (value > kMaxStatusItem) return false;
    }
    if (at == cursor.at) return false;
  }
  item = static_cast<std::int64_t>(value);
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

bool scan_null(Cursor& cursor) { return cursor.skip(std::string_view("null")); }

bool scan_bool(Cursor& cursor, bool& truth) {
  truth = cursor.next_is('t');
  return cursor.skip(truth ? std::string_view("true") : std::string_view("false"));
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

bool scan_text_or_null(Cursor& cursor, std::string_view& text) {
  if (cursor.next_is('"')) return scan_text(cursor, text);
  text = {};
  return scan_null(cursor);
}

bool scan_required_text(Cursor& cursor, std::string_view& text) {
  return scan_text(cursor, text) && !text.empty();
}

bool scan_id(Cursor& cursor, std::string_view& id) {
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
  if (!scan_quoted<id_stops>(cursor, id, is_ascii)) return false;
  if (id == "None") id = {};
  return is_ascii ? id.size() <= kMaxIdBytes : is_valid_id(id);
}

bool scan_time(Cursor& cursor, std::optional<Timestamp>& time) {
  std::string_view text;
  if (!scan_text_or_null(cursor, text)) return false;
  time.reset();
  if (text.empty()) return true;
  const Result<Timestamp> parsed = parse_time(text);
  if (!parsed) return false;
  time = *parsed;
  return true;
}

bool scan_counter(Cursor& cursor, std::optional<std::uint64_t>& counter) {
  counter.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  std::uint64_t value = 0;
  if (!scan_whole(cursor, value)) return false;
  counter = value;
  return true;
}

bool scan_whole_or_null(Cursor& cursor, std::int64_t max, std::optional<std::int64_t>& whole) {
  whole.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  return scan_required_whole(cursor, max, whole.emplace());
}

bool scan_required_whole(Cursor& cursor, std::int64_t max, std::int64_t& whole) {
  std::uint64_t value = 0;
  if (!scan_whole(cursor, value) || value > static_cast<std::uint64_t>(max)) return false;
  whole = static_cast<std::int64_t>(value);
  return true;
}

bool scan_status(Cursor& cursor, std::int64_t max, int& status) {
  std::int64_t whole = 0;
  if (!(cursor.next_is('n') ? scan_null(cursor) : scan_required_whole(cursor, max, whole))) {
    return false;
  }
  status = static_cast<int>(whole);
  return true;
}

bool scan_bool_or_null(Cursor& cursor, std::optional<bool>& truth) {
  truth.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  return scan_bool(cursor, truth.emplace());
}

bool scan_seconds_or_null(Cursor& cursor, std::optional<Elapsed>& elapsed) {
  elapsed.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  return scan_seconds(cursor, elapsed.emplace());
}

bool scan_seconds(Cursor& cursor, Elapsed& elapsed) {
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
  status = {};
  if (!cursor.skip('[')) return scan_null(cursor);
  cursor.skip_space();
  if (cursor.skip(']')) return true;
  for (auto* item : {&status.hits, &status.users, &status.current_hit, &status.current_user}) {
    if (!scan_item(cursor, *item)) return false;
    cursor.skip_space();
    if (cursor.skip(']')) return true;
    if (!cursor.skip(',')) return false;
    cursor.skip_space();
  }
  return false;
}

}  // namespace weir::schema::loads
