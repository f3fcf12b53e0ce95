#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/ids.hpp"
#include "schema/loads_decode_cursor.hpp"
#include "schema/message.hpp"

namespace weir::schema::loads {

// Each of these reads one JSON value in its plain form: a text without escapes, a number without
// sign or exponent and of not too many digits, true, false, null. Whatever they read, simdjson and
// Reader would read as the same value; of what they refuse (false; the cursor is then anywhere)
// nothing is known. None looks at what follows the value: that is the caller's next comparison.

// Whether the text in quotes has no escape, no control character and is UTF-8.
bool scan_text(Cursor& cursor, std::string_view& text);

// The digits of a whole number, at most `most` <= 19 of them. Returns how many; 0 if there are
// none.
std::size_t scan_digits(Cursor& cursor, std::uint64_t& value, std::size_t most);
// A whole number of at most 18 digits.
bool scan_whole(Cursor& cursor, std::uint64_t& value);

bool scan_null(Cursor& cursor);
bool scan_bool(Cursor& cursor, bool& truth);

// A text, a number, true, false or null.
bool scan_any(Cursor& cursor);

// As Reader has them: null is not given, and so is "" for a time, "" and "None" for an id.
bool scan_text_or_null(Cursor& cursor, std::string_view& text);
bool scan_required_text(Cursor& cursor, std::string_view& text);
bool scan_id(Cursor& cursor, std::string_view& id);
bool scan_time(Cursor& cursor, std::optional<Timestamp>& time);
bool scan_counter(Cursor& cursor, std::optional<std::uint64_t>& counter);
bool scan_whole_or_null(Cursor& cursor, std::int64_t max, std::optional<std::int64_t>& whole);
bool scan_required_whole(Cursor& cursor, std::int64_t max, std::int64_t& whole);
bool scan_status(Cursor& cursor, std::int64_t max, int& status);  // null is 0
bool scan_bool_or_null(Cursor& cursor, std::optional<bool>& truth);
bool scan_seconds_or_null(Cursor& cursor, std::optional<Elapsed>& elapsed);
bool scan_loads_status(Cursor& cursor, LoadsStatus& status);

// Seconds as exact microseconds, rounded to nearest.
bool scan_seconds(Cursor& cursor, Elapsed& elapsed);

// The text between quotes, in which none of the bytes that `stops` finds may stand; what is beyond
// ASCII in it is left to the caller to check.
template <auto stops>
bool scan_quoted(Cursor& cursor, std::string_view& text, bool& is_ascii) {
  if (!cursor.next_is('"')) return false;
  const char* const first = cursor.at + 1;
  const char* const end = cursor.end;
  const char* at = first;
  std::uint64_t high = 0;
  constexpr std::uint64_t kNoStops = eight('a')
                                     << 8;  // stands for the seven bytes after a last one
  while (end - at >= 8) {
    const std::uint64_t word = load_word(at);
    const std::uint64_t found = stops(word);
    if (found != 0) {
      high |= word & ((found & -found) - 1);
      at += std::countr_zero(found) / 8;
      break;
    }
    high |= word;
    at += sizeof word;
  }
  for (; at != end && *at != '"'; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (stops(byte | kNoStops) != 0) return false;
    high |= byte;
  }
  if (at == end) return false;
  text = {first, static_cast<std::size_t>(at - first)};
  is_ascii = (high & eight(0x80)) == 0;
  cursor.at = at + 1;
  return true;
}

inline bool scan_text(Cursor& cursor, std::string_view& text) {
  bool is_ascii = false;
  return scan_quoted<text_stops>(cursor, text, is_ascii) && (is_ascii || is_utf8(text));
}

inline std::size_t scan_digits(Cursor& cursor, std::uint64_t& value, std::size_t most) {
  static constexpr std::array<std::uint64_t, 9> kPowers = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  const char* const first = cursor.at;
  const char* const stop = first + (cursor.left() < most ? cursor.left() : most);
  const char* at = first;
  std::uint64_t number = value;
  std::size_t digits = sizeof(std::uint64_t);
  while (digits == sizeof(std::uint64_t) && stop - at >= 8) {
    std::uint64_t word = load_word(at) ^ eight('0');
    const std::uint64_t others = ((word + eight(0x80 - 10)) | word) & eight(0x80);
    if (others != 0) digits = static_cast<std::size_t>(std::countr_zero(others)) / 8;
    if (digits == 0) break;
    // The digits as the high bytes, zeros below: the earlier digits weigh more.
    word <<= 64 - 8 * digits;
    word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFU;
    word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFU;
    word = (word * 10'000 + (word >> 32)) & 0x00000000FFFFFFFFU;
    number = number * kPowers[digits] + word;
    at += digits;
  }
  if (digits == sizeof(std::uint64_t)) {
    for (; at != stop && *at >= '0' && *at <= '9'; ++at) {
      number = number * 10 + static_cast<std::uint64_t>(*at - '0');
    }
  }
  value = number;
  cursor.at = at;
  return static_cast<std::size_t>(at - first);
}

inline bool scan_whole(Cursor& cursor, std::uint64_t& value) {
  constexpr std::size_t kMostDigits = 18;
  value = 0;
  // JSON has no leading zeros: what follows one is not part of the number.
  if (cursor.skip('0')) return true;
  return scan_digits(cursor, value, kMostDigits) > 0;
}

}  // namespace weir::schema::loads
