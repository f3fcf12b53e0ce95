#include "schema/exception_class.hpp"

#include <algorithm>
#include <array>

namespace weir::schema {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_capital(c) || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The text between the quotes of <type '...'> or <class '...'>; empty if it is neither.
std::string_view unwrapped(std::string_view text) {
  constexpr std::string_view kEnd = "'>";
  for (std::string_view start : {std::string_view("<type '"), std::string_view("<class '")}) {
    if (text.size() > start.size() + kEnd.size() && text.starts_with(start) &&
        text.ends_with(kEnd)) {
      return text.substr(start.size(), text.size() - start.size() - kEnd.size());
    }
  }
  return {};
}

// Bytes of the separator at the start of the text: "." and "$" 1, "::" 2, none 0.
std::size_t separator_length(std::string_view text) {
  if (text.starts_with('.') || text.starts_with('$')) return 1;
  return text.starts_with("::") ? 2 : 0;
}

// The last part of an identifier like a.b.C, a::C or A$C; empty if it is not one.
std::string_view last_part(std::string_view text) {
  while (true) {
    if (text.empty() || !is_letter(text.front())) return {};
    const auto* end = std::find_if_not(text.begin(), text.end(),
                                       [](char c) { return is_letter(c) || is_digit(c); });
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length == text.size()) return text;
    const std::size_t separator = separator_length(text.substr(length));
    if (separator == 0) return {};
    text.remove_prefix(length + separator);
  }
}

bool ends_like_an_exception(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kEndings = {"Error",   "Exception", "Warning",
                                                               "Failure", "Exit",      "Interrupt",
                                                               "Timeout", "Fault",     "Iteration"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [name](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

int class_likeness(std::string_view text) {
  if (!unwrapped(text).empty()) return 3;
  const std::string_view name = last_part(text);
  if (name.empty() || !is_capital(name.front())) return 0;
  return ends_like_an_exception(name) ? 2 : 1;
}

std::string_view bare_class_name(std::string_view text) {
  // Until nothing changes, so that the name of a name is itself.
  while (true) {
    const std::size_t before = text.size();
    if (const std::string_view inner = unwrapped(text); !inner.empty()) text = inner;
    for (std::string_view module :
         {std::string_view("exceptions."), std::string_view("builtins.")}) {
      if (text.size() > module.size() && text.starts_with(module)) {
        text.remove_prefix(module.size());
      }
    }
    if (text.size() == before) return text;
  }
}

}  // namespace weir::schema
