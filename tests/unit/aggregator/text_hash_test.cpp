#include "aggregator/text_hash.hpp"

#include <array>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <catch2/catch.hpp>

namespace weir::aggregator {
namespace {

TEST_CASE("equal texts have equal hashes wherever they lie", "[aggregator][text_hash]") {
  std::mt19937 random{1};
  for (std::size_t length = 0; length < 100; ++length) {
    std::string text(length, ' ');
    for (char& c : text) c = static_cast<char>(random());
    for (std::size_t shift = 0; shift < 9; ++shift) {
      const std::string moved = std::string(shift, '#') + text + "tail";
      CHECK(hash_text(std::string_view{moved}.substr(shift, length)) == hash_text(text));
    }
  }
}

TEST_CASE("texts that differ in one bit or in length differ in their hash",
          "[aggregator][text_hash]") {
  std::set<std::uint64_t> hashes;
  std::size_t texts = 0;
  for (std::size_t length = 0; length <= 70; ++length) {
    std::string text(length, '\0');
    hashes.insert(hash_text(text));
    ++texts;
    for (std::size_t bit = 0; bit < 8 * length; ++bit) {
      text[bit / 8] = static_cast<char>(1U << (bit % 8));
      hashes.insert(hash_text(text));
      text[bit / 8] = '\0';
      ++texts;
    }
  }
  CHECK(hashes.size() == texts);
}

TEST_CASE("hashes of similar texts spread over all low bits", "[aggregator][text_hash]") {
  std::array<int, 256> places{};
  for (int i = 0; i < 256'000; ++i) {
    ++places[hash_text("http://127.0.0.1:8080/api/items/" + std::to_string(i)) % 256];
  }
  for (const int count : places) {
    CHECK(count > 800);
    CHECK(count < 1'200);
  }
}

// MurmurHash64A, which is std::hash here, mixes words of 8 bytes by these steps; undone, they give
// words that make a wanted difference.
constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995ULL;

std::uint64_t inverse_of(std::uint64_t odd) {
  std::uint64_t inverse = odd;
  for (int i = 0; i < 5; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

std::uint64_t unmix(std::uint64_t mixed) {
  const std::uint64_t inverse = inverse_of(kMultiplier);
  std::uint64_t word = mixed * inverse;
  word ^= word >> 47U;
  return word * inverse;
}

TEST_CASE("texts made to collide in std::hash do not collide", "[aggregator][text_hash]") {
  // A difference of only the top bit survives a multiplication by an odd number unchanged, so a
  // second one cancels it: two words that collide with two others, whatever the seed.
  const std::uint64_t top = std::uint64_t{1} << 63U;
  std::vector<std::string> texts{""};
  for (int block = 0; block < 10; ++block) {
    std::vector<std::string> longer;
    for (const std::string& text : texts) {
      for (const std::uint64_t difference : {std::uint64_t{0}, top}) {
        const std::array<std::uint64_t, 2> words{unmix(1'234 ^ difference),
                                                 unmix(5'678 ^ difference)};
        std::string bytes(sizeof words, '\0');
        std::memcpy(bytes.data(), words.data(), sizeof words);
        longer.push_back(text + bytes);
      }
    }
    texts = std::move(longer);
  }
  std::unordered_set<std::size_t> standard;
  std::unordered_set<std::uint64_t> ours;
  for (const std::string& text : texts) {
    standard.insert(std::hash<std::string_view>{}(text));
    ours.insert(hash_text(text));
  }
#if defined(__GLIBCXX__) && defined(__x86_64__)
  CHECK(standard.size() == 1);
#endif
  CHECK(ours.size() == texts.size());
}

}  // namespace
}  // namespace weir::aggregator
