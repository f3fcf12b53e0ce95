#pragma once

#include <vector>

#include "store/run_report.hpp"
#include "tools/styled_text.hpp"

namespace weir::tools {

// What `weir report` prints of a run for people: who and when, hits, response times, tests, counts,
// labels, errors, workers, rejects. Sections without data are left out, long ones end in a line
// that says how much is not shown. A pure function.
std::vector<StyledLine> report_text(const store::RunReport& report, const TextForm& form);

}  // namespace weir::tools
