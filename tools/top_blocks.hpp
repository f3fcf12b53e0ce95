#pragma once

#include <cstddef>
#include <vector>

#include "tools/live_board.hpp"
#include "tools/styled_text.hpp"

namespace weir::tools {

// The blocks of which the screen of `weir top` is made. Pure functions; no line is wider than
// `width`. An empty result means that there is nothing to say.

// Titles, the whole run, the last tick.
std::vector<StyledLine> figures_block(const schema::Summary& summary, std::size_t width);

// Hits per second of each of the latest ticks as bars, newest at the right.
StyledLine rate_line(const LiveRun& run, std::size_t width);

StyledLine status_line(const schema::Summary& summary, std::size_t width);
StyledLine tests_line(const schema::Summary& summary, std::size_t width);
StyledLine counters_line(const schema::Summary& summary, std::size_t width);

// A line of titles and at most `rows` labels from number `first` (0 is the one with most hits).
std::vector<StyledLine> labels_block(const schema::Summary& summary, std::size_t first,
                                     std::size_t rows, std::size_t width);

// A line of titles and at most `rows` errors.
std::vector<StyledLine> errors_block(const schema::Summary& summary, std::size_t rows,
                                     std::size_t width);

}  // namespace weir::tools
