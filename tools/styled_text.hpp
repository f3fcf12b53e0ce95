#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

enum class Style : std::uint8_t { plain, strong, dim, good, warn, bad, bar };

struct Span {
  std::string text;  // printable, see terminal_text.hpp
  Style style = Style::plain;
  bool operator==(const Span&) const = default;
};

using StyledLine = std::vector<Span>;

// Of a count or a share of what failed.
inline Style failed_style(std::uint64_t failed) { return failed > 0 ? Style::bad : Style::plain; }

std::size_t display_width(const StyledLine& line);

// At most `width` columns of the line, what is cut off replaced by "…".
StyledLine cut(const StyledLine& line, std::size_t width);

// One line without line end, with or without colours.
std::string to_text(const StyledLine& line, bool colour);
// Lines with line ends and without spaces before them.
std::string to_text(const std::vector<StyledLine>& lines, bool colour);

// Whether output on this file may have colours: a terminal, and no NO_COLOR in the environment.
bool may_colour(int file);

// How to lay out text for a file: for a terminal as wide as it is; for anything else 80 columns,
// with nothing cut and no colours.
struct TextForm {
  std::size_t width = 80;
  bool cut = false;
  bool colour = false;
};

TextForm text_form(int file);

}  // namespace weir::tools
