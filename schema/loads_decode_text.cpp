#include "schema/loads_decode_text.hpp"

#include <algorithm>

#include "schema/ids.hpp"

namespace weir::schema::loads {
namespace {

// The position after the string that begins with the quote at `at`.
std::size_t after_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

bool opens(char c) { return c == '[' || c == '{'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool closes(char c) { return c == ']' || c == '}'; }

}  // namespace

std::string_view trim(std::string_view text) {
  const char* first = text.data();
  const char* last = first + text.size();
  while (first != last && *first <= ' ' && is_space(*first)) ++first;
  while (first != last && last[-1] <= ' ' && is_space(last[-1])) --last;
  return {first, static_cast<std::size_t>(last - first)};
}

std::string_view strip(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return trim(text);
}

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trim(line);
}

std::size_t nesting_depth(std::string_view json) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = after_string(json, at);
      continue;
    }
    if (opens(json[at])) deepest = std::max(deepest, ++depth);
    if (closes(json[at]) && depth > 0) --depth;
    ++at;
  }
  return deepest;
}

bool is_one_array(std::string_view json) {
  if (!json.starts_with('[') || !json.ends_with(']')) return false;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = after_string(json, at);
      continue;
    }
    if (opens(json[at])) ++depth;
    if (closes(json[at]) && --depth == 0) return at + 1 == json.size();
    ++at;
  }
  return false;
}

std::string_view take_element(std::string_view& inside) {
  std::size_t depth = 0;
  std::size_t at = 0;
  while (at < inside.size() && (depth > 0 || inside[at] != ',')) {
    if (inside[at] == '"') {
      at = after_string(inside, at);
      continue;
    }
    if (opens(inside[at])) ++depth;
    if (closes(inside[at])) --depth;
    ++at;
  }
  const std::string_view element = inside.substr(0, at);
  inside.remove_prefix(std::min(at + 1, inside.size()));
  return trim(element);
}

std::string_view printable(std::string_view text, std::size_t max_bytes, std::string& scratch) {
  text = utf8_prefix(text, max_bytes);
  if (is_utf8(text)) return text;
  constexpr std::size_t kLongestCharacter = 4;
  scratch.clear();
  while (!text.empty()) {
    std::size_t length = 1;
    while (length <= kLongestCharacter && !is_utf8(text.substr(0, length))) ++length;
    if (length <= kLongestCharacter) {
      scratch.append(text.substr(0, length));
    } else {
      length = 1;
      scratch.push_back('?');
    }
    text.remove_prefix(std::min(length, text.size()));
  }
  return scratch;
}

}  // namespace weir::schema::loads
