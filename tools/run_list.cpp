#include "tools/run_list.hpp"

#include "tools/figure_text.hpp"
#include "tools/table.hpp"

namespace weir::tools {
namespace {

constexpr std::size_t kAnyWidth = 1'000'000;

Style state_style(const store::RunRow& row) {
  if (row.result == schema::RunResult::failed) return Style::bad;
  if (!schema::has_ended(row.state)) return Style::good;
  return row.state == schema::RunState::finished ? Style::plain : Style::warn;
}

// Without the year where room is short.
std::string started_text(const store::RunRow& row, const TextForm& form) {
  const bool narrow = form.cut && form.width < 100;
  return second_text(row.started).substr(narrow ? 5 : 0, narrow ? 11 : 16);
}

}  // namespace

std::vector<StyledLine> run_list(const std::vector<store::RunRow>& runs, const TextForm& form) {
  Table table{{{"#", Align::right, 2},
               {"run", Align::left, 18, 0, true, cut_middle},
               {"name", Align::left, 10, 6, true},
               {"state", Align::left, 8},
               {"result", Align::left, 6, 5},
               {"started", Align::left, 11, 2},
               {"time", Align::right, 5, 3},
               {"hits", Align::right, 7},
               {"fail %", Align::right, 5},
               {"p95 ms", Align::right, 6, 4}}};
  for (const store::RunRow& row : runs) {
    const Style failed = failed_style(row.failed);
    table.add_row({{std::to_string(row.run)},
                   {row.run_id, Style::strong},
                   {row.name.empty() ? "-" : row.name},
                   {std::string{schema::to_string(row.state)}, state_style(row)},
                   {row.result ? std::string{schema::to_string(*row.result)} : "-"},
                   {started_text(row, form)},
                   {span_text(row.elapsed_s())},
                   {count_text(row.response.count)},
                   {percent_text(row.failed, row.response.count), failed},
                   {ms_text(row.response.p95_us)}});
  }
  // In a file all columns are there, so that a script can count them.
  return form.cut ? table.lines(form.width) : table.uncut_lines(kAnyWidth);
}

}  // namespace weir::tools
