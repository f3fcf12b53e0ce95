#include "tools/top_screen.hpp"

#include <algorithm>
#include <utility>

#include "tools/figure_text.hpp"
#include "tools/terminal_text.hpp"
#include "tools/top_blocks.hpp"

namespace weir::tools {
namespace {

constexpr double kSilenceSeconds = 3;
constexpr std::size_t kErrorsFirst = 3;

using Lines = std::vector<StyledLine>;

// How many rows each part of the screen gets, in the order of their importance.
struct Plan {
  std::size_t labels = 0, errors = 0;  // without their titles
  bool last = false, rate = false, status = false, tests = false, counters = false;
  bool gap_labels = false, gap_errors = false, gap_rate = false;
};

// Takes `rows` from what is left if there are as many.
bool take(std::size_t& left, std::size_t rows, bool wanted = true) {
  if (!wanted || left < rows) return false;
  left -= rows;
  return true;
}

Plan plan_rows(const schema::Summary& summary, std::size_t rows) {
  Plan plan;
  std::size_t left = rows;
  take(left, 2);
  plan.last = take(left, 1, summary.last.has_value());
  const std::size_t labels = summary.labels.size();
  const std::size_t errors = summary.errors.size();
  plan.labels = take(left, 2, labels > 0) ? 1 : 0;
  plan.errors = take(left, 2, errors > 0) ? 1 : 0;
  plan.rate = take(left, 1);
  plan.status = take(left, 1, !summary.status.empty());
  plan.tests = take(left, 1, !tests_line(summary, 80).empty());
  plan.counters = take(left, 1, !summary.counters.empty());
  plan.gap_labels = take(left, 1, plan.labels > 0);
  plan.gap_errors = take(left, 1, plan.errors > 0);
  plan.gap_rate = take(left, 1);
  while (plan.errors > 0 && plan.errors < std::min(errors, kErrorsFirst) && take(left, 1)) {
    ++plan.errors;
  }
  while (plan.labels > 0 && plan.labels < labels && take(left, 1)) ++plan.labels;
  while (plan.errors > 0 && plan.errors < errors && take(left, 1)) ++plan.errors;
  return plan;
}

StyledLine bar(const std::string& text, std::size_t width) {
  return {{pad_right(text, width), Style::bar}};
}

StyledLine title_line(const TopView& view, std::size_t width) {
  if (view.run == nullptr) return bar(" weir top", width);
  const schema::Summary& summary = view.run->summary;
  const std::string run_id = printable(summary.run_id);
  const std::string middle = "  " + std::string{schema::to_string(summary.state)} + "  " +
                             span_text(summary.elapsed_s) + " ";
  std::vector<std::string> items{" workers " + count_text(summary.workers_active) + "/" +
                                 count_text(summary.workers_total) + " "};
  if (summary.users) items.push_back(" users " + count_text(summary.users) + " ");
  if (view.runs > 1) {
    items.push_back(" run " + std::to_string(view.position) + "/" + std::to_string(view.runs) +
                    " ");
  }

  const std::size_t id_min = std::min<std::size_t>(display_width(run_id), 12);
  std::string right;
  for (const std::string& item : items) {
    if (1 + id_min + middle.size() + right.size() + item.size() <= width) right += item;
  }
  const std::size_t fixed = 1 + middle.size() + right.size();
  const std::size_t room = fixed < width ? width - fixed : 0;
  const std::string id = cut_middle(run_id, std::max(room, id_min));
  const std::string left = " " + id + middle;
  const std::size_t used = display_width(left) + right.size();
  return bar(left + std::string(width > used ? width - used : 0, ' ') + right, width);
}

std::string silence_text(double seconds) {
  return count_text(static_cast<std::uint64_t>(seconds)) + " s";
}

// What keeps the figures from being current, if anything does.
std::optional<Span> notice(const TopView& view) {
  if (view.feed_silent_s && *view.feed_silent_s > kSilenceSeconds) {
    return Span{
        "nothing from " + printable(view.endpoint) + " for " + silence_text(*view.feed_silent_s),
        Style::bad};
  }
  if (view.run != nullptr && !schema::has_ended(view.run->summary.state)) {
    const auto& last = view.run->summary.last;
    if (view.run_silent_s > std::max(kSilenceSeconds, last ? 3 * last->seconds : 0)) {
      return Span{"no summary for " + silence_text(view.run_silent_s), Style::warn};
    }
  }
  if (view.broker && !view.broker->store_error.empty()) {
    return Span{"store: " + printable(view.broker->store_error), Style::bad};
  }
  return std::nullopt;
}

std::string keys_text(const TopView& view, bool scrollable, std::size_t width) {
  std::string keys = "q quit";
  if (width < 60) return keys;
  if (view.runs > 1) keys.insert(0, "Tab next run  ");
  if (scrollable) keys.insert(0, "↑↓ labels  ");
  return keys;
}

StyledLine bottom_line(const TopView& view, bool scrollable, std::size_t width) {
  StyledLine left{{width >= 60 ? " " : ""}};
  const auto add = [&left](std::string_view name, std::uint64_t count) {
    const Style style = count > 0 ? Style::warn : Style::dim;
    left.push_back({std::string{name} + " " + count_text(count) + "  ", style});
  };
  if (const std::optional<Span> text = notice(view)) {
    left.push_back(*text);
    left.push_back({"  "});
  } else if (view.broker) {
    add("rejected", view.broker->rejected);
    add("late", view.broker->late);
    add("missing", view.broker->missing);
    add("dropped", view.broker->rows_dropped);
  }
  const std::string keys = keys_text(view, scrollable, width);
  const std::size_t room = width - std::min(width, display_width(keys) + 1);
  left = cut(left, room);
  left.push_back({std::string(room + 1 - display_width(left), ' ')});
  left.push_back({keys, Style::dim});
  return cut(left, width);
}

void append(Lines& lines, Lines more, std::size_t indent) {
  for (StyledLine& line : more) {
    line.insert(line.begin(), {std::string(indent, ' ')});
    lines.push_back(std::move(line));
  }
}

Lines run_lines(const TopView& view, const Plan& plan, std::size_t columns) {
  const schema::Summary& summary = view.run->summary;
  const std::size_t indent = columns > 20 ? 1 : 0;
  const std::size_t width = columns - indent;
  Lines lines;
  const auto add = [&](bool wanted, StyledLine line) {
    if (wanted) append(lines, {std::move(line)}, indent);
  };
  Lines figures = figures_block(summary, width);
  if (!plan.last) figures.resize(std::min<std::size_t>(figures.size(), 2));
  append(lines, std::move(figures), indent);
  add(plan.gap_rate, {});
  add(plan.rate, rate_line(*view.run, width));
  add(plan.status, status_line(summary, width));
  add(plan.tests, tests_line(summary, width));
  add(plan.counters, counters_line(summary, width));
  add(plan.gap_labels, {});
  if (plan.labels > 0) {
    const std::size_t first = std::min(view.first_label, summary.labels.size() - plan.labels);
    append(lines, labels_block(summary, first, plan.labels, width), indent);
  }
  add(plan.gap_errors, {});
  if (plan.errors > 0) append(lines, errors_block(summary, plan.errors, width), indent);
  return lines;
}

Lines idle_lines(const TopView& view, std::size_t columns) {
  const std::string text =
      view.feed_silent_s ? "no run yet" : "waiting for " + printable(view.endpoint) + " ...";
  const std::string shown = cut(text, columns);
  return {{}, {{std::string((columns - display_width(shown)) / 2, ' ') + shown}}};
}

}  // namespace

std::vector<StyledLine> top_screen(const TopView& view, ScreenSize size) {
  if (size.rows == 0 || size.columns == 0) return {};
  Lines lines{title_line(view, size.columns)};
  const bool has_bottom = size.rows >= 4;
  const std::size_t middle = size.rows - 1 - (has_bottom ? 1 : 0);
  Lines content;
  bool scrollable = false;
  if (view.run != nullptr) {
    const Plan plan = plan_rows(view.run->summary, middle);
    scrollable = plan.labels > 0 && plan.labels < view.run->summary.labels.size();
    content = run_lines(view, plan, size.columns);
  } else {
    content = idle_lines(view, size.columns);
  }
  content.resize(middle);
  for (StyledLine& line : content) lines.push_back(cut(line, size.columns));
  if (has_bottom) lines.push_back(bottom_line(view, scrollable, size.columns));
  return lines;
}

std::string top_line(const LiveRun& run) {
  const schema::Summary& summary = run.summary;
  std::string line = second_text(summary.time) + "  " + printable(summary.run_id) + "  " +
                     std::string{schema::to_string(summary.state)} + "  " +
                     span_text(summary.elapsed_s) + "  hits " + count_text(summary.hits.count) +
                     "  per s ";
  line += decimal_text(summary.last ? summary.last->per_s : summary.hits.per_s);
  line += "  failed " + count_text(summary.hits.failed);
  line += "  p50 " + ms_text(summary.response.p50_us) + "  p95 " +
          ms_text(summary.response.p95_us) + "  p99 " + ms_text(summary.response.p99_us) + " ms";
  line +=
      "  workers " + count_text(summary.workers_active) + "/" + count_text(summary.workers_total);
  if (summary.users) line += "  users " + count_text(summary.users);
  return line;
}

}  // namespace weir::tools
