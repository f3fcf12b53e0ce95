#include "schema/time.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "schema/time_words.hpp"

namespace weir::schema {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

constexpr Timestamp kFirst = sys_days{std::chrono::year{1970} / 1 / 1};
constexpr Timestamp kEnd = sys_days{std::chrono::year{2200} / 1 / 1};

// Reads a text from left to right. Each step answers whether it found what it was asked for.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const { return at_ == end_; }
  bool digit_next() const { return at_ != end_ && *at_ >= '0' && *at_ <= '9'; }

  bool skip(char expected) {
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }

  bool number(std::size_t digits, int& value) {
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!digit_next()) return false;
      value = value * 10 + (*at_++ - '0');
    }
    return true;
  }

  // Digits of a fraction as microseconds; what is finer than that is dropped.
  bool fraction(int& micros) {
    if (!digit_next()) return false;
    micros = 0;
    int digits = 0;
    for (; digits < 6 && digit_next(); ++digits) micros = micros * 10 + (*at_++ - '0');
    for (; digits < 6; ++digits) micros *= 10;
    skip_digits();
    return true;
  }

  void skip_digits() {
    while (digit_next()) ++at_;
  }

 private:
  const char* at_;
  const char* end_;
};

struct Fields {
  int year = 0, month = 0, day = 0;
  int hour = 0, minute = 0, second = 0, micros = 0;
  int offset_hour = 0, offset_minute = 0;
  bool west = false;
};

bool scan_offset(Scanner& scan, Fields& fields) {
  if (scan.at_end()) return true;
  if (scan.skip('Z')) return scan.at_end();
  fields.west = scan.skip('-');
  if (!fields.west && !scan.skip('+')) return false;
  if (!scan.number(2, fields.offset_hour)) return false;
  if (scan.at_end()) return true;
  scan.skip(':');
  return scan.number(2, fields.offset_minute) && scan.at_end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The fixed part, YYYY-MM-DDTHH:MM:SS, is checked as a whole, without a branch for each character.
bool scan_fields(std::string_view text, Fields& fields) {
  constexpr std::size_t kFixed = 19;
  constexpr std::size_t kWithMicros = kFixed + 7;  // 26: SS.ffffff is read as one word from 18 on
  if (text.size() < kFixed) return false;
  const char* const at = text.data();
  std::uint64_t wrong = 0;
  const std::uint64_t date = values_in(at, word_of("0000-00-"), wrong);
  const char separator = at[10];
  const std::uint64_t day =
      values_in(at + 8, separator == ' ' ? word_of("00 00:00") : word_of("00T00:00"), wrong);
  if (wrong != 0 || at[16] != ':' || !is_digit(at[17]) || !is_digit(at[18])) return false;
  fields.year = two_digits(date, 0) * 100 + two_digits(date, 2);
  fields.month = two_digits(date, 5);
  fields.day = two_digits(day, 0);
  fields.hour = two_digits(day, 3);
  fields.minute = two_digits(day, 6);
  fields.second = (at[17] - '0') * 10 + (at[18] - '0');

  std::size_t done = kFixed;
  if (text.size() >= kWithMicros && at[kFixed] == '.') {
    const std::uint64_t micros = values_in(at + kFixed - 1, word_of("0.000000"), wrong);
    if (wrong == 0) {
      fields.micros =
          (two_digits(micros, 2) * 100 + two_digits(micros, 4)) * 100 + two_digits(micros, 6);
      done = kWithMicros;
      if (done + 1 == text.size() && at[done] == 'Z') return true;
    }
  }
  Scanner scan{text.substr(done)};
  if (done == kFixed) {
    const bool has_fraction = scan.skip('.') || scan.skip(',');
    if (has_fraction && !scan.fraction(fields.micros)) return false;
  } else {
    scan.skip_digits();
  }
  return scan_offset(scan, fields);
}

bool in_range(const Fields& fields, std::chrono::year_month_day date) {
  return date.ok() && fields.hour < 24 && fields.minute < 60 && fields.second <= 60 &&
         fields.offset_hour < 24 && fields.offset_minute < 60;
}

Timestamp instant_of(const Fields& fields, sys_days day) {
  Elapsed time_of_day = hours{fields.hour} + minutes{fields.minute};
  // Unix time has no leap second; the last microsecond before it keeps order and date.
  time_of_day += fields.second == 60 ? minutes{1} - Elapsed{1}
                                     : std::chrono::seconds{fields.second} + Elapsed{fields.micros};
  const Elapsed offset = hours{fields.offset_hour} + minutes{fields.offset_minute};
  return day + (fields.west ? time_of_day + offset : time_of_day - offset);
}

void put_number(char* at, std::size_t digits, std::int64_t value) {
  for (std::size_t i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

Result<Timestamp> parse_time(std::string_view text) {
  Fields fields;
  if (!scan_fields(text, fields)) return fail(ErrorCode::bad_type, "not an ISO 8601 time");
  const std::chrono::year_month_day date{std::chrono::year{fields.year},
                                         std::chrono::month{static_cast<unsigned>(fields.month)},
                                         std::chrono::day{static_cast<unsigned>(fields.day)}};
  if (!in_range(fields, date)) return fail(ErrorCode::out_of_range, "no such date or time");
  const Timestamp instant = instant_of(fields, date);
  if (instant < kFirst || instant >= kEnd) {
    return fail(ErrorCode::out_of_range, "year outside 1970 to 2199");
  }
  return instant;
}

std::string format_time(Timestamp time) {
  // Four digits hold these years; anything else would be a text that parse_time refuses.
  constexpr Timestamp kLowest = sys_days{std::chrono::year{0} / 1 / 1};
  constexpr Timestamp kHighest = sys_days{std::chrono::year{10000} / 1 / 1} - Elapsed{1};
  time = std::clamp(time, kLowest, kHighest);
  const sys_days day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::int64_t micros = (time - day).count();

  std::string text = "0000-00-00T00:00:00.000000Z";
  put_number(text.data(), 4, static_cast<int>(date.year()));
  put_number(&text[5], 2, static_cast<unsigned>(date.month()));
  put_number(&text[8], 2, static_cast<unsigned>(date.day()));
  put_number(&text[11], 2, micros / 3'600'000'000);
  put_number(&text[14], 2, micros / 60'000'000 % 60);
  put_number(&text[17], 2, micros / 1'000'000 % 60);
  put_number(&text[20], 6, micros % 1'000'000);
  return text;
}

Elapsed from_seconds(double seconds) {
  assert(std::abs(seconds) <= 1e9);
  return Elapsed{std::llround(seconds * 1e6)};
}

double to_seconds(Elapsed elapsed) { return static_cast<double>(elapsed.count()) / 1e6; }

double to_milliseconds(Elapsed elapsed) { return static_cast<double>(elapsed.count()) / 1e3; }

}  // namespace weir::schema
