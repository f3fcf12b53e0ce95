#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/live_board.hpp"
#include "tools/styled_text.hpp"

namespace weir::tools {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// Everything that the screen of `weir top` shows.
struct TopView {
  std::string endpoint;
  const LiveRun* run = nullptr;  // null: none yet
  std::size_t position = 0;      // of the run among `runs`, from 1
  std::size_t runs = 0;
  std::optional<BrokerHealth> broker;
  std::optional<double> feed_silent_s;  // since the last message; empty: none came yet
  double run_silent_s = 0;              // since the last summary of the run
  std::size_t first_label = 0;          // how far the labels are scrolled
};

// The screen for a view: at most size.rows lines of at most size.columns columns, whatever the
// size. A pure function.
std::vector<StyledLine> top_screen(const TopView& view, ScreenSize size);

// One plain line on a summary, for output that is not a terminal.
std::string top_line(const LiveRun& run);

}  // namespace weir::tools
