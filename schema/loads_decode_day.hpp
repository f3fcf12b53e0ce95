#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/loads_decode_cursor.hpp"
#include "schema/message.hpp"
#include "schema/time_words.hpp"

namespace weir::schema::loads {

// The day of the time read last. The next one mostly is of the same, so that only its time of day
// is worked out.
class Day {
 public:
  // Reads the time in quotes at the cursor if it is of this day and as most clients write it:
  // YYYY-MM-DDTHH:MM:SS.ffffff with a Z or nothing after it. Else the cursor stays where it was.
  [[gnu::always_inline]] bool scan(Cursor& cursor, std::optional<Timestamp>& time) const {
    const char* const at = cursor.at + 1;
    if (cursor.left() <= kPlainBytes + 2 || cursor.at[0] != '"') return false;
    if (load_word(at) != first_ || load_word(at + 3) != last_) return false;
    std::uint64_t wrong = 0;
    const std::uint64_t clock = pairs(values_in(at + 11, word_of("00:00:00"), wrong));
    const std::uint64_t parts = pairs(values_in(at + 18, word_of("0.000000"), wrong));
    const auto hour = static_cast<int>(clock & 0xFF);
    const auto minute = static_cast<int>(clock >> 24 & 0xFF);
    const auto second = static_cast<int>(clock >> 48 & 0xFF);
    const char* const end = at + kPlainBytes + static_cast<std::size_t>(at[kPlainBytes] == 'Z');
    if (wrong != 0 || hour > 23 || minute > 59 || second > 59 || *end != '"') return false;
    const auto micros = static_cast<int>(((parts >> 16 & 0xFF) * 100 + (parts >> 32 & 0xFF)) * 100 +
                                         (parts >> 48 & 0xFF));
    time = day_ + std::chrono::seconds{(hour * 60 + minute) * 60 + second} + Elapsed{micros};
    cursor.at = end + 1;
    return true;
  }

  // Keeps the day of a time which this text was read as, unless it has a zone that may shift it.
  void keep(std::string_view text, Timestamp time) {
    constexpr std::size_t kDate = 10;
    if (text.size() <= kDate || text[kDate] != 'T') return;
    if (text.find_first_of("+-", kDate) != std::string_view::npos) return;
    first_ = load_word(text.data());
    last_ = load_word(text.data() + 3);
    day_ = std::chrono::floor<std::chrono::days>(time);
  }

 private:
  static constexpr std::size_t kPlainBytes = 26;

  // In each byte the number that it and the next are the two digits of.
  static std::uint64_t pairs(std::uint64_t digits) { return digits * 10 + (digits >> 8); }

  // The date and the T after it as two words that overlap; what no date is, before there is one.
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  Timestamp day_{};
};

}  // namespace weir::schema::loads
