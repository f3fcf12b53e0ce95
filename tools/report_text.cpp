#include "tools/report_text.hpp"

#include <array>

#include "tools/report_sections.hpp"

namespace weir::tools {

std::vector<StyledLine> report_text(const store::RunReport& report, const TextForm& form) {
  constexpr std::array kSections{header_section, hits_section,   counts_section, tests_section,
                                 labels_section, errors_section, workers_section};
  Lines out;
  for (const auto section : kSections) {
    const Lines lines = section(report, form);
    if (!lines.empty() && !out.empty()) out.emplace_back();
    out.insert(out.end(), lines.begin(), lines.end());
  }
  return out;
}

}  // namespace weir::tools
