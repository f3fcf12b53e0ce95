#include "tools/report_sections.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tools/figure_text.hpp"
#include "tools/table.hpp"

namespace weir::tools {
namespace {

constexpr std::size_t kNameWidth = 10;

Lines table_lines(const Table& table, const TextForm& form) {
  return form.cut ? table.lines(form.width) : table.uncut_lines(form.width);
}

// "name      text", nothing for an empty text.
void add_field(Lines& lines, std::string_view name, std::string_view text,
               Style style = Style::plain) {
  if (text.empty()) return;
  lines.push_back({{pad_right(name, kNameWidth), Style::dim}, {printable(text), style}});
}

void add_rest(Lines& lines, std::uint64_t all, std::size_t shown) {
  if (all <= shown) return;
  lines.push_back(
      {{"and " + count_text(all - shown) + " more: --format json has them", Style::dim}});
}

// "name      200 1,180,022  404 1,807", on as many lines as it takes.
class CountList {
 public:
  CountList(std::string_view name, const TextForm& form)
      : width_(form.width), line_{{pad_right(name, kNameWidth), Style::dim}} {}

  void add(std::string_view name, std::uint64_t count, Style style = Style::plain) {
    const std::string text = printable(name) + " " + count_text(count);
    if (line_.size() > 1 && display_width(line_) + 2 + display_width(text) > width_) {
      lines_.push_back(std::move(line_));
      line_ = {{std::string(kNameWidth, ' ')}};
    }
    if (line_.size() > 1) line_.push_back({"  "});
    line_.push_back({text, style});
    any_ = true;
  }

  void append_to(Lines& lines) {
    if (!any_) return;
    lines_.push_back(std::move(line_));
    lines.insert(lines.end(), lines_.begin(), lines_.end());
  }

 private:
  std::size_t width_;
  StyledLine line_;
  Lines lines_;
  bool any_ = false;
};

std::string time_text(const store::RunRow& row) {
  const std::string elapsed = span_text(row.elapsed_s());
  if (!row.ended) return second_text(row.started) + " UTC, so far " + elapsed;
  return range_text(row.started, *row.ended) + " UTC, " + elapsed;
}

std::string tags_text(const std::vector<schema::TagRecord>& tags) {
  std::string text;
  for (const schema::TagRecord& tag : tags) {
    text.append(text.empty() ? "" : " ").append(tag.key).append("=").append(tag.value);
  }
  return text;
}

}  // namespace

Lines header_section(const store::RunReport& report, const TextForm& /*form*/) {
  const store::RunRow& row = report.row;
  Lines lines;
  add_field(lines, "run", row.run_id + " (number " + std::to_string(row.run) + ")", Style::strong);
  add_field(lines, "name", row.name);
  add_field(lines, "project", row.project);
  add_field(lines, "scenario", row.scenario);
  std::string state{schema::to_string(row.state)};
  if (row.result) state.append(", ").append(schema::to_string(*row.result));
  const bool bad = row.result == schema::RunResult::failed;
  add_field(lines, "state", state + (row.baseline ? ", baseline" : ""),
            bad ? Style::bad : Style::plain);
  add_field(lines, "time", time_text(row));
  std::string workers = count_text(row.workers);
  if (row.users_max) workers += ", with " + count_text(row.users_max) + " users at most";
  add_field(lines, "workers", workers);
  add_field(lines, "tags", tags_text(row.tags));
  add_field(lines, "note", row.note);
  return lines;
}

Lines hits_section(const store::RunReport& report, const TextForm& form) {
  const schema::HitsSummary& hits = report.summary.hits;
  const schema::DurationSummary& times = report.summary.response;
  Table counts{{{"", Align::left, kNameWidth - 2},
                {"hits", Align::right, 9},
                {"per s", Align::right, 6},
                {"failed", Align::right, 7},
                {"%", Align::right, 6},
                {"sent", Align::right, 8},
                {"received", Align::right, 8}}};
  counts.add_row({{"all", Style::dim},
                  {count_text(hits.count), Style::strong},
                  {decimal_text(hits.per_s)},
                  {count_text(hits.failed), failed_style(hits.failed)},
                  {percent_text(hits.failed, hits.count), failed_style(hits.failed)},
                  {bytes_text(hits.bytes_sent)},
                  {bytes_text(hits.bytes_received)}});
  Table response{{{"", Align::left, kNameWidth - 2},
                  {"min", Align::right, 5, 2},
                  {"mean", Align::right, 5},
                  {"sd", Align::right, 5, 1},
                  {"p50", Align::right, 5},
                  {"p90", Align::right, 5, 4},
                  {"p95", Align::right, 5},
                  {"p99", Align::right, 5},
                  {"p99.9", Align::right, 5, 3},
                  {"max", Align::right, 5}}};
  response.add_row({{"time ms", Style::dim},
                    {ms_text(times.min_us)},
                    {ms_text(times.mean_us)},
                    {ms_text(times.sd_us)},
                    {ms_text(times.p50_us)},
                    {ms_text(times.p90_us)},
                    {ms_text(times.p95_us), Style::strong},
                    {ms_text(times.p99_us)},
                    {ms_text(times.p999_us)},
                    {ms_text(times.max_us)}});
  Lines lines = table_lines(counts, form);
  const Lines more = table_lines(response, form);
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

Lines counts_section(const store::RunReport& report, const TextForm& form) {
  const schema::Summary& summary = report.summary;
  CountList status{"status", form};
  for (const auto& [code, count] : summary.status) {
    const bool bad = code < 200 || code >= 400;
    status.add(std::to_string(code), count, bad ? Style::bad : Style::plain);
  }
  CountList methods{"methods", form};
  for (const auto& [method, count] : summary.method) methods.add(method, count);
  CountList counters{"counters", form};
  for (const auto& [name, count] : summary.counters) counters.add(name, count);
  CountList sockets{"sockets", form};
  if (summary.sockets.opened + summary.sockets.closed + summary.sockets.messages > 0) {
    sockets.add("opened", summary.sockets.opened);
    sockets.add("closed", summary.sockets.closed);
    sockets.add("messages", summary.sockets.messages);
    sockets.add("bytes", summary.sockets.bytes_received);
  }
  CountList rejected{"rejected", form};
  for (const schema::RejectRecord& reject : report.rejects) {
    rejected.add(reject.reason, reject.count, Style::warn);
  }
  CountList messages{"messages", form};
  const auto add_trouble = [&messages](std::string_view name, std::uint64_t count) {
    if (count > 0) messages.add(name, count, Style::warn);
  };
  add_trouble("missing", summary.missing);
  add_trouble("duplicate", summary.duplicate);
  add_trouble("late", summary.late);
  add_trouble("skewed", summary.skewed);
  add_trouble("clamped", summary.clamped);
  Lines lines;
  for (CountList* list : {&status, &methods, &counters, &sockets, &rejected, &messages}) {
    list->append_to(lines);
  }
  if (report.row.hits_not_kept > 0) {
    add_field(
        lines, "raw hits",
        count_text(report.row.hits_not_kept) + " not kept one by one; all are in the figures");
  }
  return lines;
}

Lines tests_section(const store::RunReport& report, const TextForm& form) {
  if (report.tests.empty()) return {};
  Table table{{{"test", Align::left, 20, 0, true, cut_middle},
               {"started", Align::right, 7},
               {"finished", Align::right, 8},
               {"ok", Align::right, 7},
               {"failed", Align::right, 6},
               {"errors", Align::right, 6},
               {"p50 ms", Align::right, 6, 1},
               {"p95 ms", Align::right, 6, 2}}};
  const std::size_t shown = std::min(report.tests.size(), kTestsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const schema::TestRecord& test = report.tests[i];
    const schema::DurationSummary times = schema::summarize_durations(test.durations);
    table.add_row({{test.test},
                   {count_text(test.started)},
                   {count_text(test.finished)},
                   {count_text(test.success)},
                   {count_text(test.failure), failed_style(test.failure)},
                   {count_text(test.error), failed_style(test.error)},
                   {ms_text(times.p50_us)},
                   {ms_text(times.p95_us)}});
  }
  Lines lines = table_lines(table, form);
  add_rest(lines, report.tests.size(), shown);
  return lines;
}

Lines labels_section(const store::RunReport& report, const TextForm& form) {
  const schema::Summary& summary = report.summary;
  if (summary.labels.empty()) return {};
  Table table{{{"label", Align::left, form.width * 3 / 10, 0, true, cut_url},
               {"hits", Align::right, 7},
               {"per s", Align::right, 6, 2},
               {"failed", Align::right, 6},
               {"%", Align::right, 5, 5},
               {"p50 ms", Align::right, 6},
               {"p90 ms", Align::right, 6, 6},
               {"p95 ms", Align::right, 6},
               {"p99 ms", Align::right, 6, 3},
               {"max ms", Align::right, 6, 4}}};
  const std::size_t shown = std::min(summary.labels.size(), kLabelsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const schema::LabelSummary& label = summary.labels[i];
    table.add_row({{label.label},
                   {count_text(label.count)},
                   {decimal_text(label.per_s)},
                   {count_text(label.failed), failed_style(label.failed)},
                   {percent_text(label.failed, label.count), failed_style(label.failed)},
                   {ms_text(label.response.p50_us)},
                   {ms_text(label.response.p90_us)},
                   {ms_text(label.response.p95_us), Style::strong},
                   {ms_text(label.response.p99_us)},
                   {ms_text(label.response.max_us)}});
  }
  Lines lines = table_lines(table, form);
  add_rest(lines, std::max<std::uint64_t>(summary.labels_total, summary.labels.size()), shown);
  return lines;
}

}  // namespace weir::tools
