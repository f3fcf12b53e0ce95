#include "broker/quote.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "schema/ids.hpp"

namespace weir::broker {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string unicode_escape(std::uint32_t code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[(code >> shift) & 0xFU];
  return out;
}

// The code point of a UTF-8 character of two or three bytes; 0 for others.
std::uint32_t short_code(std::string_view character) {
  const auto bits = [&](std::size_t at, std::uint32_t mask) {
    return static_cast<unsigned char>(character[at]) & mask;
  };
  if (character.size() == 2) return (bits(0, 0x1F) << 6U) | bits(1, 0x3F);
  if (character.size() == 3) return (bits(0, 0xF) << 12U) | (bits(1, 0x3F) << 6U) | bits(2, 0x3F);
  return 0;
}

// U+0080..U+009F, which some terminals obey, and what is invisible: line and paragraph ends, and
// characters that turn the order of a text round or hide in it.
bool is_deceptive(std::uint32_t code) {
  return (code >= 0x80 && code <= 0x9F) || code == 0xAD || code == 0x61C ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

// The bytes of the UTF-8 character at the front of a text; 0 if there is none.
std::size_t character_bytes(std::string_view text) {
  for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(4, text.size()); ++bytes) {
    if (schema::is_utf8(text.substr(0, bytes))) return bytes;
  }
  return 0;
}

std::string escaped(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character == "\n") return "\\n";
  if (character == "\r") return "\\r";
  if (character == "\t") return "\\t";
  if (character == "\"" || character == "\\") return "\\" + std::string{character};
  if (first < 0x20 || first == 0x7F) return unicode_escape(first);
  const std::uint32_t code = short_code(character);
  return is_deceptive(code) ? unicode_escape(code) : std::string{character};
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    out += bytes == 0 ? std::string{kReplacement} : escaped(text.substr(0, bytes));
    text.remove_prefix(std::max<std::size_t>(1, bytes));
  }
  return out + "\"";
}

}  // namespace weir::broker
