#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schema/byte_word.hpp"

namespace weir::schema {

// load_word() of a text known to the compiler.
consteval std::uint64_t word_of(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < sizeof word; ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
  }
  return word;
}

// Eight characters against a layout in which 0 stands for a digit: what they differ by, which is
// the value of each digit. Adds to wrong what no digit and no character of the layout could give.
inline std::uint64_t values_in(const char* at, std::uint64_t layout, std::uint64_t& wrong) {
  constexpr std::uint64_t kZeros = word_of("00000000");
  constexpr std::uint64_t kHigh = eight(0x80);
  constexpr std::uint64_t kLow = eight(0x7F);
  constexpr std::uint64_t kToHigh = eight(0x80 - 10);  // makes the high bit of 10 and above
  const std::uint64_t values = load_word(at) ^ layout;
  wrong |= (((values & kLow) + kToHigh) | values) & kHigh;
  // All bits of the places that hold no digit.
  const std::uint64_t fixed = layout ^ kZeros;
  const std::uint64_t occupied = ((fixed + kLow) & kHigh) >> 7;
  wrong |= values & (occupied * 0xFF);
  return values;
}

// The number that the values at `place` and after it are the two digits of.
inline int two_digits(std::uint64_t values, int place) {
  return static_cast<int>((values >> (8 * place) & 0xFF) * 10 + (values >> (8 * place + 8) & 0xFF));
}

}  // namespace weir::schema
