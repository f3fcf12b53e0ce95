#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tools/figure_text.hpp"
#include "tools/report_sections.hpp"
#include "tools/table.hpp"

// The sections of the report that tell what went wrong: errors and workers.
namespace weir::tools {
namespace {

// A traceback that is longer shows its start, which says how it began, and its end, where it broke.
constexpr std::size_t kTracebackLines = 10;
constexpr std::size_t kTracebackHead = 3;
const std::string kIndent(11, ' ');

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void add_line(Lines& out, StyledLine line, const TextForm& form) {
  out.push_back(form.cut ? cut(line, form.width) : std::move(line));
}

void add_detail(Lines& out, std::string_view text, const TextForm& form) {
  add_line(out, {{kIndent + printable(text), Style::dim}}, form);
}

void add_traceback(Lines& out, std::string_view traceback, const TextForm& form) {
  const std::vector<std::string_view> lines = lines_of(traceback);
  const bool whole = lines.size() <= kTracebackLines;
  const std::size_t tail = kTracebackLines - kTracebackHead - 1;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!whole && i == kTracebackHead) {
      i = lines.size() - tail;
      add_detail(out, "... " + std::to_string(i - kTracebackHead) + " lines ...", form);
    }
    add_detail(out, lines[i], form);
  }
}

bool has_gaps(const schema::WorkerRecord& worker) {
  return worker.missing + worker.duplicate + worker.late > 0;
}

Style warn_style(std::uint64_t count) { return count > 0 ? Style::warn : Style::plain; }

}  // namespace

Lines errors_section(const store::RunReport& report, const TextForm& form) {
  const std::vector<schema::ErrorSummary>& errors = report.summary.errors;
  if (errors.empty()) return {};
  Lines out{{{"   count  errors", Style::dim}}};
  const std::size_t shown = std::min(errors.size(), kErrorsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const schema::ErrorSummary& error = errors[i];
    std::string text = error.class_name;
    if (!text.empty() && !error.message.empty()) text += ": ";
    text += error.message;
    text = printable(text);
    add_line(out, {{pad_left(count_text(error.count), 8), Style::bad}, {"  " + text}}, form);
    add_detail(out, error.kind + ", " + range_text(error.first, error.last) + " UTC", form);
    add_traceback(out, error.traceback, form);
  }
  const std::uint64_t all = std::max<std::uint64_t>(report.summary.errors_total, errors.size());
  if (all > shown) {
    out.push_back(
        {{"and " + count_text(all - shown) + " more: --format json has them", Style::dim}});
  }
  return out;
}

// Of the messages that were sent: each has its number, so those that never came are known.
StyledLine loss_line(const schema::WorkerRecord& worker) {
  return {{"worker " + printable(worker.worker_id) + ": " + count_text(worker.missing) +
               " missing of " + count_text(worker.messages + worker.missing),
           Style::warn}};
}

Lines workers_section(const store::RunReport& report, const TextForm& form) {
  const std::vector<schema::WorkerRecord>& workers = report.workers;
  if (workers.empty()) return {};
  const bool few = workers.size() <= kWorkersShown;
  Table table{{{few ? "worker" : "workers with gaps", Align::left, 12, 0, true, cut_middle},
               {"messages", Align::right, 9},
               {"missing", Align::right, 7},
               {"duplicate", Align::right, 9, 2},
               {"late", Align::right, 5, 1},
               {"first (UTC)", Align::left, 8, 3},
               {"last", Align::left, 8, 3}}};
  std::size_t wanted = 0;
  Lines losses;
  for (const schema::WorkerRecord& worker : workers) {
    if (!few && !has_gaps(worker)) continue;
    if (++wanted > kWorkersShown) continue;
    table.add_row({{worker.worker_id},
                   {count_text(worker.messages)},
                   {count_text(worker.missing), warn_style(worker.missing)},
                   {count_text(worker.duplicate), warn_style(worker.duplicate)},
                   {count_text(worker.late), warn_style(worker.late)},
                   {second_text(worker.first).substr(11)},
                   {second_text(worker.last).substr(11)}});
    if (worker.missing > 0) losses.push_back(loss_line(worker));
  }
  if (table.rows() == 0) {
    return {{{count_text(workers.size()) + " workers, none with gaps", Style::dim}}};
  }
  Lines lines = form.cut ? table.lines(form.width) : table.uncut_lines(form.width);
  lines.insert(lines.end(), losses.begin(), losses.end());
  if (wanted > kWorkersShown || !few) {
    lines.push_back(
        {{"of " + count_text(workers.size()) + " workers: --format json has all", Style::dim}});
  }
  return lines;
}

}  // namespace weir::tools
