#include "tools/top_blocks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "tools/figure_text.hpp"
#include "tools/table.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

// Lines of the middle of the screen start with a name of this width.
constexpr std::size_t kNameWidth = 10;

Span name_span(std::string_view name) { return {pad_right(name, kNameWidth), Style::dim}; }

std::string seconds_text(double seconds) {
  const double rounded = std::round(seconds);
  const bool whole = rounded >= 1 && rounded < 1e9 && std::abs(seconds - rounded) < 0.05;
  return (whole ? count_text(static_cast<std::uint64_t>(rounded)) : decimal_text(seconds)) + " s";
}

// The columns of figures_row; narrow screens keep hits, failed and p95.
std::vector<Column> figure_columns(Column name, std::size_t hits_width) {
  return {std::move(name),
          {"hits", Align::right, hits_width},
          {"per s", Align::right, 6, 2},
          {"failed", Align::right, 6},
          {"%", Align::right, 5, 5},
          {"mean ms", Align::right, 6, 9},
          {"p50 ms", Align::right, 6, 3},
          {"p90 ms", Align::right, 6, 7},
          {"p95 ms", Align::right, 6},
          {"p99 ms", Align::right, 6, 4},
          {"p99.9 ms", Align::right, 6, 8},
          {"max ms", Align::right, 6, 6}};
}

std::vector<Span> figures_row(std::string name, std::uint64_t hits, std::uint64_t failed,
                              std::optional<double> per_s, const schema::DurationSummary& times) {
  return {{std::move(name), Style::dim},
          {count_text(hits), Style::strong},
          {decimal_text(per_s)},
          {count_text(failed), failed_style(failed)},
          {percent_text(failed, hits), failed_style(failed)},
          {ms_text(times.mean_us)},
          {ms_text(times.p50_us)},
          {ms_text(times.p90_us)},
          {ms_text(times.p95_us), Style::strong},
          {ms_text(times.p99_us)},
          {ms_text(times.p999_us)},
          {ms_text(times.max_us)}};
}

void append_count(StyledLine& line, std::string_view name, std::uint64_t count,
                  Style style = Style::plain) {
  line.push_back({printable(name) + " ", style == Style::plain ? Style::dim : style});
  line.push_back({count_text(count) + "  ", style});
}

}  // namespace

std::vector<StyledLine> figures_block(const schema::Summary& summary, std::size_t width) {
  Table table{figure_columns({"", Align::left, kNameWidth - 2}, 9)};
  table.add_row(figures_row("all", summary.hits.count, summary.hits.failed, summary.hits.per_s,
                            summary.response));
  if (summary.last) {
    const schema::LastSummary& last = *summary.last;
    table.add_row(figures_row("last " + seconds_text(last.seconds), last.hits, last.failed,
                              last.per_s, last.response));
  }
  return table.lines(width);
}

StyledLine rate_line(const LiveRun& run, std::size_t width) {
  constexpr std::array<const char*, 8> kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::size_t kBarsMin = 8;
  constexpr std::size_t kTailWidth = 18;
  if (width < kNameWidth + kBarsMin) return {};
  const bool has_tail = width >= kNameWidth + kBarsMin + kTailWidth;
  const std::size_t room = width - kNameWidth - (has_tail ? kTailWidth : 0);
  const std::size_t shown = std::min(room, run.rates.size());

  double max = 0;
  const auto first = run.rates.end() - static_cast<std::ptrdiff_t>(shown);
  for (auto sample = first; sample != run.rates.end(); ++sample) {
    if (*sample) max = std::max(max, (*sample)->per_s.value_or(0));
  }
  std::string bars(room - shown, ' ');
  for (auto sample = first; sample != run.rates.end(); ++sample) {
    if (!*sample || !(*sample)->per_s) {
      bars += ' ';
      continue;
    }
    const double share = max > 0 ? std::clamp(*(*sample)->per_s / max, 0.0, 1.0) : 0;
    bars += kBars.at(static_cast<std::size_t>(std::lround(share * 7)));
  }
  StyledLine line{name_span("per s"), {std::move(bars), Style::good}};
  if (has_tail) line.push_back({"  max " + decimal_text(max), Style::dim});
  return cut(line, width);
}

StyledLine status_line(const schema::Summary& summary, std::size_t width) {
  if (summary.status.empty()) return {};
  StyledLine line{name_span("status")};
  for (const auto& [status, count] : summary.status) {
    const bool bad = status < 200 || status >= 400;
    append_count(line, std::to_string(status), count, bad ? Style::bad : Style::plain);
  }
  for (const auto& [method, count] : summary.method) append_count(line, method, count);
  return cut(line, width);
}

StyledLine tests_line(const schema::Summary& summary, std::size_t width) {
  StyledLine line;
  const schema::TestsSummary& tests = summary.tests;
  if (tests.started + tests.finished + tests.success + tests.failure + tests.error > 0) {
    line.push_back(name_span("tests"));
    append_count(line, "started", tests.started);
    append_count(line, "finished", tests.finished);
    append_count(line, "ok", tests.success);
    append_count(line, "failed", tests.failure, failed_style(tests.failure));
    append_count(line, "errors", tests.error, failed_style(tests.error));
  }
  const schema::SocketsSummary& sockets = summary.sockets;
  if (sockets.opened + sockets.closed + sockets.messages > 0) {
    line.push_back(line.empty() ? name_span("sockets") : Span{"sockets ", Style::dim});
    append_count(line, "open", sockets.open);
    append_count(line, "messages", sockets.messages);
  }
  return cut(line, width);
}

StyledLine counters_line(const schema::Summary& summary, std::size_t width) {
  if (summary.counters.empty()) return {};
  StyledLine line{name_span("counters")};
  for (const auto& [name, count] : summary.counters) append_count(line, name, count);
  return cut(line, width);
}

std::vector<StyledLine> labels_block(const schema::Summary& summary, std::size_t first,
                                     std::size_t rows, std::size_t width) {
  const std::size_t known = summary.labels.size();
  if (known == 0) return {};
  first = std::min(first, known - 1);
  const std::size_t end = std::min(known, first + rows);
  std::string title = "label";
  if (first > 0 || end < summary.labels_total) {
    title = "labels " + std::to_string(first + 1) + "-" + std::to_string(end) + " of " +
            count_text(std::max<std::uint64_t>(summary.labels_total, known));
  }
  const std::size_t name_min = width < 79 ? width * 3 / 10 : 28 + (width - 79) / 2;
  Table table{figure_columns({title, Align::left, name_min, 0, true, cut_url}, 7), true};
  for (std::size_t i = first; i < end; ++i) {
    const schema::LabelSummary& label = summary.labels[i];
    std::vector<Span> row =
        figures_row(label.label, label.count, label.failed, label.per_s, label.response);
    row[0].style = Style::plain;
    table.add_row(std::move(row));
  }
  return table.lines(width);
}

std::vector<StyledLine> errors_block(const schema::Summary& summary, std::size_t rows,
                                     std::size_t width) {
  if (summary.errors.empty()) return {};
  const std::size_t end = std::min(summary.errors.size(), rows);
  const std::uint64_t total = std::max<std::uint64_t>(summary.errors_total, summary.errors.size());
  std::string title = "error";
  if (end < total) title = "errors 1-" + std::to_string(end) + " of " + count_text(total);
  Table table{{{"count", Align::right, 7}, {title, Align::left, 1, 0, true}}, true};
  for (std::size_t i = 0; i < end; ++i) {
    const schema::ErrorSummary& error = summary.errors[i];
    std::string text = error.class_name;
    if (!text.empty() && !error.message.empty()) text += ": ";
    text += error.message;
    table.add_row({{count_text(error.count), Style::bad}, {std::move(text)}});
  }
  return table.lines(width);
}

}  // namespace weir::tools
