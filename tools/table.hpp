#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/styled_text.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {

enum class Align : std::uint8_t { left, right };
// Makes a printable text fit into a width; see terminal_text.hpp.
using Cut = std::string (*)(std::string_view text, std::size_t width);

struct Column {
  std::string title;
  Align align = Align::right;
  std::size_t min_width = 0;
  // Columns with the highest number go first when the table is too wide; 0 never goes.
  int drop = 0;
  // Such a column shrinks to min_width before any column is dropped.
  bool flexible = false;
  Cut cut = tools::cut;
};

// A text table that fits a width: columns as wide as their contents, two spaces apart, and as many
// of them as there is room for.
class Table {
 public:
  // With `fill`, the first flexible column takes the space that is left over.
  explicit Table(std::vector<Column> columns, bool fill = false);

  // REQUIRES: one cell a column. The text is made printable here.
  void add_row(std::vector<Span> cells);

  std::size_t rows() const { return rows_.size(); }

  // The line of titles, then one line a row; none wider than `width`.
  std::vector<StyledLine> lines(std::size_t width) const;

  // The same columns with nothing cut, for output that is searched rather than looked at: lines are
  // wider than `width` where the text of a flexible column is.
  std::vector<StyledLine> uncut_lines(std::size_t width) const;

 private:
  std::vector<std::size_t> natural_widths() const;
  std::vector<std::size_t> widths_in(std::size_t width) const;
  void shrink(std::vector<std::size_t>& widths, std::size_t width) const;
  bool drop_one(std::vector<std::size_t>& natural) const;
  std::vector<StyledLine> lines_of(const std::vector<std::size_t>& widths) const;
  StyledLine line(const std::vector<Span>& cells, const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  bool fill_;
  std::vector<std::vector<Span>> rows_;
};

}  // namespace weir::tools
