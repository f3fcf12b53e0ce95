#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace weir::schema {

// Texts are looked through eight bytes at once, as one number: its lowest byte is the first.
// REQUIRES: eight readable bytes.
inline std::uint64_t load_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// A byte in all eight places of a word.
constexpr std::uint64_t eight(std::uint8_t byte) { return 0x0101010101010101U * byte; }

}  // namespace weir::schema
