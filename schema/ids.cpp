#include "schema/ids.hpp"

#include <cstdint>

#include "schema/byte_word.hpp"

namespace weir::schema {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

// What a lead byte promises: the length of its character (0: no lead byte) and the range of the
// second byte, which is where overlong forms, surrogates and code points past U+10FFFF show.
struct Lead {
  std::size_t length;
  std::uint8_t second_min;
  std::uint8_t second_max;
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// The length of the well-formed character at the start of rest, 0 if there is none.
std::size_t character_length(std::string_view rest) {
  const Lead lead = lead_of(byte_at(rest, 0));
  if (lead.length < 2) return lead.length;
  if (rest.size() < lead.length) return 0;
  const std::uint8_t second = byte_at(rest, 1);
  if (second < lead.second_min || second > lead.second_max) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if (!is_continuation(byte_at(rest, i))) return 0;
  }
  return lead.length;
}

bool eight_ascii(std::string_view text, std::size_t at) {
  return (load_word(text.data() + at) & eight(0x80)) == 0;
}

// Whether all of eight bytes are from U+0020 to U+007E and none is '/'.
bool eight_plain(std::string_view text, std::size_t at) {
  const std::uint64_t word = load_word(text.data() + at);
  const auto has_zero = [](std::uint64_t bytes) {
    return (bytes - eight(1)) & ~bytes & eight(0x80);
  };
  const std::uint64_t control = ((word - eight(' ')) | word) & eight(0x80);
  return (control | has_zero(word ^ eight('/')) | has_zero(word ^ eight(0x7F))) == 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t) && eight_ascii(text, at)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

bool is_valid_id(std::string_view text) {
  if (text.empty() || text.size() > kMaxIdBytes || !is_utf8(text)) return false;
  std::size_t plain = 0;
  while (text.size() - plain >= sizeof(std::uint64_t) && eight_plain(text, plain)) {
    plain += sizeof(std::uint64_t);
  }
  for (std::size_t i = plain; i < text.size(); ++i) {
    const std::uint8_t byte = byte_at(text, i);
    if (byte < 0x20 || byte == 0x7F || byte == '/') return false;
    // U+0080..U+009F are C2 80..C2 9F.
    if (byte == 0xC2 && byte_at(text, i + 1) < 0xA0) return false;
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  constexpr std::size_t kLongestTail = 3;
  std::size_t cut = max_bytes;
  while (cut > 0 && max_bytes - cut < kLongestTail && is_continuation(byte_at(text, cut))) --cut;
  // Still inside a run of continuation bytes: not UTF-8, so there is no character to spare.
  if (is_continuation(byte_at(text, cut))) cut = max_bytes;
  return text.substr(0, cut);
}

}  // namespace weir::schema
