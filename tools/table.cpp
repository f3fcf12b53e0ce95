#include "tools/table.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace weir::tools {
namespace {

constexpr std::size_t kGap = 2;

std::size_t total(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths) sum += width == 0 ? 0 : width + (sum == 0 ? 0 : kGap);
  return sum;
}

}  // namespace

Table::Table(std::vector<Column> columns, bool fill) : columns_(std::move(columns)), fill_(fill) {}

void Table::add_row(std::vector<Span> cells) {
  assert(cells.size() == columns_.size());
  for (Span& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::natural_widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = std::max(columns_[i].min_width, display_width(columns_[i].title));
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    widths.push_back(width);
  }
  return widths;
}

void Table::shrink(std::vector<std::size_t>& widths, std::size_t width) const {
  for (std::size_t i = 0; i < columns_.size() && total(widths) > width; ++i) {
    if (!columns_[i].flexible || widths[i] == 0) continue;
    const std::size_t least = std::min(widths[i], std::max<std::size_t>(columns_[i].min_width, 1));
    widths[i] -= std::min(widths[i] - least, total(widths) - width);
  }
}

// Sets the natural width of the next column that goes to 0; false if none may go.
bool Table::drop_one(std::vector<std::size_t>& natural) const {
  std::size_t victim = columns_.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (natural[i] == 0 || columns_[i].drop == 0) continue;
    if (victim == columns_.size() || columns_[i].drop > columns_[victim].drop) victim = i;
  }
  if (victim == columns_.size()) return false;
  natural[victim] = 0;
  return true;
}

std::vector<std::size_t> Table::widths_in(std::size_t width) const {
  std::vector<std::size_t> natural = natural_widths();
  std::vector<std::size_t> widths;
  do {
    widths = natural;
    shrink(widths, width);
  } while (total(widths) > width && drop_one(natural));

  const auto flexible =
      std::find_if(columns_.begin(), columns_.end(), [](const Column& c) { return c.flexible; });
  if (fill_ && total(widths) < width && flexible != columns_.end()) {
    widths[static_cast<std::size_t>(flexible - columns_.begin())] += width - total(widths);
  }
  return widths;
}

std::vector<StyledLine> Table::lines(std::size_t width) const {
  std::vector<StyledLine> out;
  for (const StyledLine& line : lines_of(widths_in(width))) out.push_back(tools::cut(line, width));
  return out;
}

std::vector<StyledLine> Table::uncut_lines(std::size_t width) const {
  std::vector<std::size_t> widths = widths_in(width);
  const std::vector<std::size_t> natural = natural_widths();
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] > 0) widths[i] = std::max(widths[i], natural[i]);
  }
  return lines_of(widths);
}

std::vector<StyledLine> Table::lines_of(const std::vector<std::size_t>& widths) const {
  std::vector<Span> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Style::dim});
  std::vector<StyledLine> out{line(titles, widths)};
  for (const auto& row : rows_) out.push_back(line(row, widths));
  return out;
}

StyledLine Table::line(const std::vector<Span>& cells,
                       const std::vector<std::size_t>& widths) const {
  StyledLine out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    if (!out.empty()) out.push_back({std::string(kGap, ' '), Style::plain});
    const std::string text = columns_[i].cut(cells[i].text, widths[i]);
    out.push_back(
        {columns_[i].align == Align::left ? pad_right(text, widths[i]) : pad_left(text, widths[i]),
         cells[i].style});
  }
  return out;
}

}  // namespace weir::tools
