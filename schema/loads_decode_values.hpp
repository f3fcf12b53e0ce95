#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/ids.hpp"
#include "schema/loads_decode_cursor.hpp"
#include "schema/loads_decode_day.hpp"
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
bool scan_any_id(Cursor& cursor, std::string_view& id);
bool scan_time(Cursor& cursor, std::optional<Timestamp>& time);
bool scan_time(Cursor& cursor, std::optional<Timestamp>& time, Day& day);  // keeps the day
bool scan_counter(Cursor& cursor, std::optional<std::uint64_t>& counter);
bool scan_whole_or_null(Cursor& cursor, std::int64_t max, std::optional<std::int64_t>& whole);
bool scan_required_whole(Cursor& cursor, std::int64_t max, std::int64_t& whole);
bool scan_status(Cursor& cursor, std::int64_t max, int& status);  // null is 0
bool scan_bool_or_null(Cursor& cursor, std::optional<bool>& truth);
bool scan_seconds_or_null(Cursor& cursor, std::optional<Elapsed>& elapsed);
bool scan_loads_status(Cursor& cursor, LoadsStatus& status);

// Seconds as exact microseconds, rounded to nearest.
bool scan_seconds(Cursor& cursor, Elapsed& elapsed);
bool scan_any_seconds(Cursor& cursor, Elapsed& elapsed);

// Calls a rarely needed scanner with a copy of the cursor, so that the cursor itself, of which then
// nobody takes the address, can stay in registers.
template <class Scan>
[[gnu::always_inline]] inline bool apart(Cursor& cursor, Scan scan) {
  Cursor copy = cursor;
  const bool good = scan(copy);
  cursor = copy;
  return good;
}

// The text between quotes, in which none of the bytes that are marked may stand; what is beyond
// ASCII in it is left to the caller to check.
template <auto marks>
[[gnu::noinline]] bool scan_quoted(Cursor& cursor, std::string_view& text, bool& is_ascii) {
  if (!cursor.next_is('"')) return false;
  const char* const first = cursor.at + 1;
  const char* const end = cursor.end;
  const char* at = first;
  std::uint64_t high = 0;
  constexpr std::uint64_t kNoStops = eight('a')
                                     << 8;  // stands for the seven bytes after a last one
  while (end - at >= 8) {
    const std::uint64_t word = load_word(at);
    const std::uint64_t found = stops<marks>(word);
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
    if (stops<marks>(byte | kNoStops) != 0) return false;
    high |= byte;
  }
  if (at == end) return false;
  text = {first, static_cast<std::size_t>(at - first)};
  is_ascii = (high & eight(0x80)) == 0;
  cursor.at = at + 1;
  return true;
}

// The same for what most texts are: ASCII, and not in the last bytes of the frame. False if it is
// not so, or is no such text: the cursor stays where it was.
template <auto marks>
[[gnu::always_inline]] inline bool scan_quoted_ascii(Cursor& cursor, std::string_view& text) {
  const char* at = cursor.at;
  if (cursor.end - at <= 8 || *at != '"') return false;
  const char* const first = ++at;
  const char* const last_word = cursor.end - 8;
  do {
    const std::uint64_t word = load_word(at);
    // The first such byte, or one beyond ASCII.
    const std::uint64_t found = (marks(word) | word) & eight(0x80);
    if (found != 0) {
      at += std::countr_zero(found) / 8;
      if (*at != '"') return false;
      text = {first, static_cast<std::size_t>(at - first)};
      cursor.at = at + 1;
      return true;
    }
    at += sizeof word;
  } while (at <= last_word);
  return false;
}

[[gnu::always_inline]] inline bool scan_text(Cursor& cursor, std::string_view& text) {
  if (scan_quoted_ascii<text_marks>(cursor, text)) return true;
  bool is_ascii = false;
  return apart(cursor, [&](Cursor& copy) {
    return scan_quoted<text_marks>(copy, text, is_ascii) && (is_ascii || is_utf8(text));
  });
}

// The digits at the start of a word, which is eight bytes.
struct WordDigits {
  std::uint64_t values;  // of each digit
  int bits = 64;         // 8 for each digit; 64 if the word is nothing else

  explicit WordDigits(const char* at) : values(load_word(at) ^ eight('0')) {
    const std::uint64_t others = ((values + eight(0x80 - 10)) | values) & eight(0x80);
    if (others != 0) bits = std::countr_zero(others) & ~7;
  }

  // REQUIRES: bits > 0.
  std::uint64_t number() const {
    // The digits as the high bytes, zeros below: the earlier digits weigh more.
    std::uint64_t word = values << (64 - bits);
    word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFU;
    word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFU;
    return (word * 10'000 + (word >> 32)) & 0x00000000FFFFFFFFU;
  }
};

[[gnu::noinline]] inline std::size_t scan_digits(Cursor& cursor, std::uint64_t& value,
                                                 std::size_t most) {
  static constexpr std::array<std::uint64_t, 9> kPowers = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  const char* const first = cursor.at;
  const char* const stop = first + (cursor.left() < most ? cursor.left() : most);
  const char* at = first;
  std::uint64_t number = value;
  std::size_t digits = sizeof(std::uint64_t);
  while (digits == sizeof(std::uint64_t) && stop - at >= 8) {
    const WordDigits word(at);
    digits = static_cast<std::size_t>(word.bits) / 8;
    if (digits == 0) break;
    number = number * kPowers[digits] + word.number();
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

[[gnu::always_inline]] inline bool scan_whole(Cursor& cursor, std::uint64_t& value) {
  constexpr std::size_t kMostDigits = 18;
  if (cursor.left() >= 8) {
    const WordDigits word(cursor.at);
    if (word.bits == 0) return false;
    if (word.bits < 64) {
      if (*cursor.at == '0' && word.bits > 8) return false;
      value = word.number();
      cursor.at += word.bits / 8;
      return true;
    }
  }
  value = 0;
  // JSON has no leading zeros: what follows one is not part of the number.
  if (cursor.skip('0')) return true;
  if (cursor.left() >= 8) {
    return apart(cursor, [&](Cursor& copy) { return scan_digits(copy, value, kMostDigits) > 0; });
  }
  const char* const first = cursor.at;
  for (; cursor.digit_next(); ++cursor.at) {
    value = value * 10 + static_cast<std::uint64_t>(*cursor.at - '0');
  }
  return cursor.at != first;
}

[[gnu::always_inline]] inline bool scan_null(Cursor& cursor) {
  return cursor.skip(std::string_view("null"));
}

[[gnu::always_inline]] inline bool scan_bool(Cursor& cursor, bool& truth) {
  truth = cursor.next_is('t');
  return cursor.skip(truth ? std::string_view("true") : std::string_view("false"));
}

[[gnu::always_inline]] inline bool scan_text_or_null(Cursor& cursor, std::string_view& text) {
  if (cursor.next_is('"')) return scan_text(cursor, text);
  text = {};
  return scan_null(cursor);
}

inline bool scan_required_text(Cursor& cursor, std::string_view& text) {
  return scan_text(cursor, text) && !text.empty();
}

[[gnu::always_inline]] inline bool scan_id(Cursor& cursor, std::string_view& id) {
  if (scan_quoted_ascii<id_marks>(cursor, id)) {
    if (id == "None") id = {};
    return id.size() <= kMaxIdBytes;
  }
  return apart(cursor, [&](Cursor& copy) { return scan_any_id(copy, id); });
}

[[gnu::always_inline]] inline bool scan_counter(Cursor& cursor,
                                                std::optional<std::uint64_t>& counter) {
  counter.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  std::uint64_t value = 0;
  if (!scan_whole(cursor, value)) return false;
  counter = value;
  return true;
}

[[gnu::always_inline]] inline bool scan_required_whole(Cursor& cursor, std::int64_t max,
                                                       std::int64_t& whole) {
  std::uint64_t value = 0;
  if (!scan_whole(cursor, value) || value > static_cast<std::uint64_t>(max)) return false;
  whole = static_cast<std::int64_t>(value);
  return true;
}

[[gnu::always_inline]] inline bool scan_whole_or_null(Cursor& cursor, std::int64_t max,
                                                      std::optional<std::int64_t>& whole) {
  whole.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  return scan_required_whole(cursor, max, whole.emplace());
}

[[gnu::always_inline]] inline bool scan_status(Cursor& cursor, std::int64_t max, int& status) {
  std::int64_t whole = 0;
  if (!(cursor.next_is('n') ? scan_null(cursor) : scan_required_whole(cursor, max, whole))) {
    return false;
  }
  status = static_cast<int>(whole);
  return true;
}

[[gnu::always_inline]] inline bool scan_bool_or_null(Cursor& cursor, std::optional<bool>& truth) {
  truth.reset();
  if (cursor.next_is('n')) return scan_null(cursor);
  return scan_bool(cursor, truth.emplace());
}

// Most are less than ten seconds, in whole microseconds or less.
[[gnu::always_inline]] inline bool scan_seconds(Cursor& cursor, Elapsed& elapsed) {
  static constexpr std::array<std::int64_t, 7> kUnits = {1'000'000, 100'000, 10'000, 1'000,
                                                         100,       10,      1};
  constexpr std::size_t kBeforePlaces = 2;
  if (cursor.left() >= kBeforePlaces + 8 && cursor.digit_next() && cursor.at[1] == '.') {
    const WordDigits places(cursor.at + kBeforePlaces);
    const auto count = static_cast<std::size_t>(places.bits) / 8;
    if (count - 1 < kUnits.size() - 1) {
      elapsed = Elapsed{(cursor.at[0] - '0') * kUnits[0] +
                        static_cast<std::int64_t>(places.number()) * kUnits[count]};
      cursor.at += kBeforePlaces + count;
      return true;
    }
  }
  return apart(cursor, [&](Cursor& copy) { return scan_any_seconds(copy, elapsed); });
}

}  // namespace weir::schema::loads
