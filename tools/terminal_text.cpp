#include "tools/terminal_text.hpp"

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <optional>

namespace weir::tools {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";
constexpr std::string_view kEllipsis = "…";
constexpr int kMarksMax = 2;

// Widths and decoding come from the C library, whose tables follow the locale: UTF-8 for as long
// as one of these lives, whatever the user's locale says.
class Utf8Locale {
 public:
  Utf8Locale() : previous_(uselocale(utf8())) {}
  ~Utf8Locale() { uselocale(previous_); }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  Utf8Locale(Utf8Locale&&) = delete;
  Utf8Locale& operator=(Utf8Locale&&) = delete;

 private:
  static locale_t utf8() {
    static locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  locale_t previous_;
};

struct Character {
  std::string_view bytes;
  wchar_t code = 0;
  int width = 0;
  bool valid = false;
};

Character first_character(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80) {
    const bool visible = byte >= 0x20 && byte != 0x7F;
    return {text.substr(0, 1), static_cast<wchar_t>(byte), visible ? 1 : -1, true};
  }
  std::mbstate_t state{};
  wchar_t code = 0;
  const std::size_t size = std::mbrtowc(&code, text.data(), text.size(), &state);
  if (size == 0 || size > text.size()) return {text.substr(0, 1), 0, -1, false};
  return {text.substr(0, size), code, wcwidth(code), true};
}

bool is_invisible_format(wchar_t code) {
  return (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0x061C || code == 0xAD ||
         (code >= 0xE0000 && code <= 0xE007F);
}

bool is_space_control(wchar_t code) {
  return (code >= L'\t' && code <= L'\r') || code == 0x85 || code == 0x2028 || code == 0x2029;
}

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

void append_escape(std::string& out, wchar_t code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::uint32_t bits = std::char_traits<wchar_t>::to_int_type(code);
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[(bits >> shift) & 0xFU];
}

// The longest prefix in at most `width` columns, marks of its last character included.
std::string_view prefix(std::string_view text, std::size_t width) {
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = first_character(text.substr(bytes));
    const auto columns = static_cast<std::size_t>(character.width < 0 ? 1 : character.width);
    if (used + columns > width) break;
    used += columns;
    bytes += character.bytes.size();
  }
  return text.substr(0, bytes);
}

// What is left when a prefix of at least `columns` columns is taken away.
std::string_view without_columns(std::string_view text, std::size_t columns) {
  std::size_t gone = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    if (gone >= columns && character.width != 0) break;
    gone += static_cast<std::size_t>(character.width < 0 ? 1 : character.width);
    text.remove_prefix(character.bytes.size());
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  if (is_plain_ascii(text)) return std::string{text};
  const Utf8Locale utf8;
  std::string out;
  int marks = kMarksMax;  // none may stand first: it would join whatever is printed before
  while (!text.empty()) {
    const Character character = first_character(text);
    text.remove_prefix(character.bytes.size());
    if (character.valid && is_space_control(character.code)) {
      out += ' ';
    } else if (character.valid && is_invisible_format(character.code)) {
      continue;
    } else if (character.width < 0) {
      out += kReplacement;
    } else if (character.width == 0) {
      if (++marks > kMarksMax) continue;
      out += character.bytes;
      continue;
    } else {
      out += character.bytes;
    }
    marks = 0;
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  if (is_plain_ascii(text)) return text.size();
  const Utf8Locale utf8;
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += static_cast<std::size_t>(character.width < 0 ? 1 : character.width);
    text.remove_prefix(character.bytes.size());
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string{text};
  if (width == 0) return {};
  const Utf8Locale utf8;
  return std::string{prefix(text, width - 1)}.append(kEllipsis);
}

std::string cut_middle(std::string_view text, std::size_t width) {
  const std::size_t full = display_width(text);
  if (full <= width) return std::string{text};
  if (width == 0) return {};
  const Utf8Locale utf8;
  const std::size_t tail = (width - 1) / 2;
  const std::size_t head = width - 1 - tail;
  return std::string{prefix(text, head)}.append(kEllipsis).append(
      without_columns(text, full - tail));
}

std::string cut_url(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string{text};
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos) return cut_middle(text, width);
  const std::size_t before = text.rfind(' ', slashes);
  const std::size_t scheme = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t path = text.find('/', slashes + 3);
  if (path == std::string_view::npos) return cut_middle(text, width);
  std::string shorter{text.substr(0, scheme)};
  shorter.append(kEllipsis).append(text.substr(path));
  return cut_middle(shorter, width);
}

std::string pad_right(std::string_view text, std::size_t width) {
  std::string out = cut(text, width);
  return out.append(width - display_width(out), ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::string shown = cut(text, width);
  return std::string(width - display_width(shown), ' ') + shown;
}

std::string escape_json(std::string_view json) {
  if (is_plain_ascii(json)) return std::string{json};
  const Utf8Locale utf8;
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const Character character = first_character(json);
    json.remove_prefix(character.bytes.size());
    const bool harmless = character.code == L'\n' || character.code == L'\t' ||
                          (character.width >= 0 && !is_invisible_format(character.code));
    if (!character.valid) {
      out += kReplacement;
    } else if (harmless || character.code > 0xFFFF) {
      out += character.bytes;
    } else {
      append_escape(out, character.code);
    }
  }
  return out;
}

}  // namespace weir::tools
