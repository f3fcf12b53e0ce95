#include "tools/styled_text.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

std::string_view escape_sequence(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::strong:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::warn:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
    case Style::bar:
      return "\x1b[7m";
  }
  return "";
}

}  // namespace

std::size_t display_width(const StyledLine& line) {
  std::size_t width = 0;
  for (const Span& span : line) width += display_width(span.text);
  return width;
}

StyledLine cut(const StyledLine& line, std::size_t width) {
  if (display_width(line) <= width) return line;
  StyledLine out;
  std::size_t left = width;
  for (const Span& span : line) {
    const std::size_t columns = display_width(span.text);
    if (columns < left) {
      out.push_back(span);
      left -= columns;
      continue;
    }
    // The line goes on after this span, so its last column must say so.
    out.push_back({cut(span.text + " ", left), span.style});
    break;
  }
  return out;
}

std::string to_text(const StyledLine& line, bool colour) {
  std::string out;
  for (const Span& span : line) {
    const std::string_view start = colour ? escape_sequence(span.style) : "";
    out.append(start).append(span.text);
    if (!start.empty()) out += "\x1b[0m";
  }
  return out;
}

std::string to_text(const std::vector<StyledLine>& lines, bool colour) {
  std::string out;
  for (const StyledLine& line : lines) {
    out += to_text(line, colour);
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

bool may_colour(int file) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(file) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

TextForm text_form(int file) {
  constexpr unsigned short kNarrowest = 40;
  TextForm form;
  winsize window{};
  if (isatty(file) != 1) return form;
  form.cut = true;
  form.colour = may_colour(file);
  const bool known = ioctl(file, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
  if (known) form.width = std::max(window.ws_col, kNarrowest);
  return form;
}

}  // namespace weir::tools
