#include "broker/redact.hpp"

#include <algorithm>

namespace weir::broker {
namespace {

constexpr std::string_view kAuthorityMark = "://";
constexpr std::string_view kWordEnds = " \t\r\n\"'\\<>";
constexpr std::string_view kAuthorityEnds = "/?# \t\r\n\"'\\<>";

// Words as long as this are taken for a token; a real one has 43.
constexpr std::size_t kTokenMin = 24;
constexpr std::string_view kTokenMark = "weir_";
constexpr std::string_view kTokenCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

}  // namespace

std::string without_tokens(std::string_view text) {
  std::string out;
  for (std::size_t mark = text.find(kTokenMark); mark != std::string_view::npos;
       mark = text.find(kTokenMark)) {
    const std::size_t begin = mark + kTokenMark.size();
    const std::size_t end = std::min(text.find_first_not_of(kTokenCharacters, begin), text.size());
    const bool secret = end - begin >= kTokenMin;
    out.append(text.substr(0, secret ? begin : end)).append(secret ? "..." : "");
    text.remove_prefix(end);
  }
  return out.append(text);
}

std::string without_secrets(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with(kAuthorityMark)) {
      out += kAuthorityMark;
      text.remove_prefix(kAuthorityMark.size());
      const std::string_view authority = text.substr(0, text.find_first_of(kAuthorityEnds));
      const std::size_t at = authority.rfind('@');
      if (at != std::string_view::npos) text.remove_prefix(at + 1);
    } else if (text.front() == '?') {
      const std::size_t word = std::min(text.find_first_of(kWordEnds), text.size());
      out += word == 1 ? "?" : "?...";
      text.remove_prefix(word);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace weir::broker
