#pragma once

#include <cstddef>
#include <vector>

#include "store/run_report.hpp"
#include "tools/styled_text.hpp"

namespace weir::tools {

// How much of a section the text report shows.
inline constexpr std::size_t kLabelsShown = 50;
inline constexpr std::size_t kTestsShown = 50;
inline constexpr std::size_t kErrorsShown = 20;
inline constexpr std::size_t kWorkersShown = 20;

// The sections of the text report: lines without a blank one at either end; none if the run has
// nothing of the kind. Pure functions.
using Lines = std::vector<StyledLine>;

Lines header_section(const store::RunReport& report, const TextForm& form);
Lines hits_section(const store::RunReport& report, const TextForm& form);
Lines counts_section(const store::RunReport& report, const TextForm& form);
Lines tests_section(const store::RunReport& report, const TextForm& form);
Lines labels_section(const store::RunReport& report, const TextForm& form);
Lines errors_section(const store::RunReport& report, const TextForm& form);
Lines workers_section(const store::RunReport& report, const TextForm& form);

}  // namespace weir::tools
