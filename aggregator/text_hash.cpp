#include "aggregator/text_hash.hpp"

#include <array>
#include <cstring>
#include <random>

#include "schema/sketch.hpp"

namespace weir::aggregator {
namespace {

using Keys = std::array<std::uint64_t, 4>;

Keys draw_keys() {
  std::random_device source;
  Keys keys{};
  for (std::uint64_t& key : keys) key = (std::uint64_t{source()} << 32U) | source();
  return keys;
}

const Keys kKeys = draw_keys();

// Both halves of the 128-bit product, so that every bit of either factor reaches every bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const schema::Uint128 product = schema::Uint128{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

template <class Word>
std::uint64_t load(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Up to 16 bytes as two words; they overlap where there are fewer, and the length tells them apart.
std::array<std::uint64_t, 2> load_tail(std::string_view text) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.size() >= 8) return {load<std::uint64_t>(begin), load<std::uint64_t>(end - 8)};
  if (text.size() >= 4) return {load<std::uint32_t>(begin), load<std::uint32_t>(end - 4)};
  if (text.size() >= 2) return {load<std::uint16_t>(begin), load<std::uint16_t>(end - 2)};
  if (text.size() == 1) return {load<std::uint8_t>(begin), 0};
  return {0, 0};
}

}  // namespace

// A chain of multiplications in which every factor contains a secret, as in wyhash.
std::uint64_t hash_text(std::string_view text) {
  const std::size_t size = text.size();
  std::uint64_t state = kKeys[0];
  for (; text.size() > 16; text.remove_prefix(16)) {
    state = fold(load<std::uint64_t>(text.data()) ^ kKeys[1],
                 load<std::uint64_t>(text.data() + 8) ^ state);
  }
  const auto [first, second] = load_tail(text);
  state = fold(first ^ kKeys[1], second ^ state);
  return fold(state ^ kKeys[2], size ^ kKeys[3]);
}

}  // namespace weir::aggregator
