#include "aggregator/label_template.hpp"

#include <algorithm>
#include <array>

namespace weir::aggregator {
namespace {

constexpr std::size_t kMinHexDigits = 16;
constexpr std::size_t kMinTokenLength = 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool all_digits(std::string_view segment) {
  return !segment.empty() && std::ranges::all_of(segment, is_digit);
}

bool uuid(std::string_view segment) {
  if (segment.size() != 36) return false;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? segment[i] != '-' : !is_hex(segment[i])) return false;
  }
  return true;
}

bool long_hex(std::string_view segment) {
  return segment.size() >= kMinHexDigits && std::ranges::all_of(segment, is_hex);
}

bool token(std::string_view segment) {
  if (segment.size() < kMinTokenLength) return false;
  const auto allowed = [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '_' || c == '-';
  };
  return std::ranges::all_of(segment, allowed) && std::ranges::any_of(segment, is_digit) &&
         std::ranges::any_of(segment, is_lower) && std::ranges::any_of(segment, is_upper);
}

constexpr std::array kRules{
    TemplateRule{"digits", all_digits},
    TemplateRule{"uuid", uuid},
    TemplateRule{"hex", long_hex},
    TemplateRule{"token", token},
};

struct Parts {
  std::string_view scheme;     // with "://", or empty
  std::string_view authority;  // without user information
  std::string_view path;
  std::string_view rest;  // query and fragment, with their marks
};

Parts split(std::string_view url) {
  Parts parts;
  const std::size_t rest = std::min(url.find_first_of("?#"), url.size());
  parts.rest = url.substr(rest);
  url = url.substr(0, rest);
  // Within a path "://" begins no authority.
  const std::size_t mark = url.find("://");
  if (mark != std::string_view::npos && url.find('/') > mark) {
    parts.scheme = url.substr(0, mark + 3);
    url.remove_prefix(mark + 3);
    const std::size_t slash = std::min(url.find('/'), url.size());
    parts.authority = url.substr(0, slash);
    if (const std::size_t at = parts.authority.rfind('@'); at != std::string_view::npos) {
      parts.authority.remove_prefix(at + 1);
    }
    url.remove_prefix(slash);
  }
  parts.path = url;
  return parts;
}

bool varies(std::string_view segment) {
  return std::ranges::any_of(kRules,
                             [&](const TemplateRule& rule) { return rule.matches(segment); });
}

}  // namespace

std::span<const TemplateRule> template_rules() { return kRules; }

std::string label_url(std::string_view url, bool templating) {
  const Parts parts = split(url);
  std::string text;
  text.reserve(url.size());
  text.append(parts.scheme).append(parts.authority);
  if (!templating) return text.append(parts.path);
  std::string_view path = parts.path;
  while (true) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    text.append(varies(segment) ? std::string_view{"{id}"} : segment);
    if (slash == path.size()) return text;
    text.push_back('/');
    path.remove_prefix(slash + 1);
  }
}

std::string stored_url(std::string_view url, bool keep_query) {
  const Parts parts = split(url);
  std::string text;
  text.reserve(url.size());
  text.append(parts.scheme).append(parts.authority).append(parts.path);
  if (keep_query) text.append(parts.rest);
  return text;
}

}  // namespace weir::aggregator
