#pragma once

#include <string>
#include <vector>

#include "store/run_report.hpp"
#include "tools/styled_text.hpp"

namespace weir::tools {

// The table that `weir runs` prints, one line a run. A pure function.
std::vector<StyledLine> run_list(const std::vector<store::RunRow>& runs, const TextForm& form);

}  // namespace weir::tools
