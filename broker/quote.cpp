#include "broker/quote.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "schema/ids.hpp"

namespace weir::broker {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string unicode_escape(unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return std::string{"\\u00"} + kHex[c >> 4U] + kHex[c & 0xFU];
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
  // U+0080..U+009F: terminals obey some of them.
  const bool c1_control = first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  return c1_control ? unicode_escape(static_cast<unsigned char>(character[1]))
                    : std::string{character};
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
