#pragma once

#include <string>
#include <vector>

#include "tools/bench_machine.hpp"
#include "tools/bench_plan.hpp"
#include "tools/bench_rounds.hpp"

namespace weir::tools {

// The text that `weir bench` prints, at most 100 columns wide.

// What it ran on, and a warning if figures of this build say nothing.
std::string bench_heading(const BenchMachine& machine);
// How fast: three rows a case, for the bare loop, weir and the ratio of the two. Empty without any.
std::string bench_table(const std::vector<BenchResult>& results);
// How much CPU at a given pace: two rows a case. Empty without any.
std::string paced_table(const std::vector<BenchResult>& results);
// What the broker says of its longest turn in each case. Empty if it says nothing.
std::string longest_pause_text(const std::vector<BenchResult>& results);
// How to read the figures.
std::string bench_footnotes(const std::vector<BenchResult>& results, const BenchMachine& machine);

// --flat: the line above, and the line of the latest step.
std::string flat_heading(const BenchCase& of);
std::string flat_line(const BenchCase& of, const std::vector<BenchMeasure>& steps);

}  // namespace weir::tools
