#include "aggregator/summarize.hpp"

#include <algorithm>
#include <tuple>

namespace weir::aggregator {

using schema::rate;
using schema::summarize_durations;
using schema::Summary;
using schema::Timestamp;

namespace {

double elapsed_seconds(const Run& run, Timestamp now) {
  return schema::to_seconds(run.ended_at().value_or(std::max(now, run.started())) - run.started());
}

void add_hits(Summary& summary, const Series& total) {
  summary.hits.count = total.count();
  summary.hits.failed = total.failed;
  if (total.count() > 0) {
    summary.hits.success_rate =
        static_cast<double>(total.count() - total.failed) / static_cast<double>(total.count());
  }
  summary.hits.per_s = rate(total.count(), summary.elapsed_s);
  summary.hits.bytes_sent = total.bytes_sent.get();
  summary.hits.bytes_received = total.bytes_received.get();
  summary.response = summarize_durations(total.elapsed);
  summary.clamped = total.elapsed.clamped() + total.elapsed.negative();
}

void add_workers(Summary& summary, const Run& run) {
  summary.workers_total = run.workers().size();
  for (const auto& [id, worker] : run.workers()) {
    if (!run.ended() && worker.active()) ++summary.workers_active;
    summary.missing += worker.sequence.missing();
    summary.duplicate += worker.sequence.duplicate();
  }
  summary.users = run.users();
  summary.late = run.late();
  summary.skewed = run.skewed();
}

void add_tests(Summary& summary, const Run& run) {
  for (const auto& [name, test] : run.tests().by_name()) {
    summary.tests.started += test.started;
    summary.tests.finished += test.finished;
    summary.tests.success += test.success;
    summary.tests.failure += test.failure;
    summary.tests.error += test.error;
  }
  summary.tests.per_s = rate(summary.tests.finished, summary.elapsed_s);
}

void add_counts(Summary& summary, const Run& run) {
  const Run::Sockets& sockets = run.sockets();
  summary.sockets = {.opened = sockets.opened,
                     .closed = sockets.closed,
                     .open = sockets.opened - std::min(sockets.opened, sockets.closed),
                     .messages = sockets.messages,
                     .bytes_received = sockets.bytes_received};
  for (const auto& [name, counter] : run.counters()) {
    summary.counters.emplace_back(name, counter.count);
  }
  std::ranges::sort(summary.counters);
  summary.method.assign(run.methods().begin(), run.methods().end());
  std::ranges::sort(summary.method);
  summary.status = run.status();
}

schema::LabelSummary label_summary(const Run& run, std::uint32_t label, double elapsed_s) {
  const LabelName name = run.labels().name(label);
  const Run::LabelFigures& figures = run.label_figures()[label - 1];
  const Series total = figures.windows.total();
  return {.label = name.text,
          .name = name.name,
          .method = name.method,
          .url = name.url,
          .count = total.count(),
          .failed = total.failed,
          .per_s = rate(total.count(), elapsed_s),
          .bytes_sent = total.bytes_sent.get(),
          .bytes_received = total.bytes_received.get(),
          .response = summarize_durations(total.elapsed),
          .status = figures.status.counts()};
}

void add_labels(Summary& summary, const Run& run, std::size_t labels_max) {
  const auto& figures = run.label_figures();
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order(figures.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    order[i] = {figures[i].windows.count(), i + 1};
  }
  const std::size_t shown = std::min(labels_max, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown),
                            [](const auto& a, const auto& b) {
                              return a.first != b.first ? a.first > b.first : a.second < b.second;
                            });
  for (std::size_t i = 0; i < shown; ++i) {
    summary.labels.push_back(label_summary(run, order[i].second, summary.elapsed_s));
  }
  summary.labels_total = figures.size();
  summary.urls_distinct = run.labels().urls_distinct();
}

void add_errors(Summary& summary, const Run& run, std::size_t errors_max) {
  using Group = ErrorTable::Groups::value_type;
  std::vector<const Group*> order;
  order.reserve(run.errors().groups().size());
  for (const Group& group : run.errors().groups()) order.push_back(&group);
  const auto more = [](const Group* a, const Group* b) {
    if (a->second.count != b->second.count) return a->second.count > b->second.count;
    if (a->second.first != b->second.first) return a->second.first < b->second.first;
    return std::tie(a->first.class_name, a->first.message, a->first.traceback, a->first.kind) <
           std::tie(b->first.class_name, b->first.message, b->first.traceback, b->first.kind);
  };
  const std::size_t shown = std::min(errors_max, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(shown), more);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [key, group] = *order[i];
    summary.errors.push_back({.kind = std::string(to_string(key.kind)),
                              .class_name = key.class_name,
                              .message = key.message,
                              .traceback = key.traceback,
                              .count = group.count,
                              .first = group.first,
                              .last = group.last});
  }
  summary.errors_total = order.size();
}

void add_last(Summary& summary, const Run& run, Timestamp now) {
  const Series& since = run.since_summary();
  schema::LastSummary last;
  last.seconds = schema::to_seconds(std::max(now, run.last_summary()) - run.last_summary());
  last.hits = since.count();
  last.failed = since.failed;
  last.per_s = rate(last.hits, last.seconds);
  last.bytes_sent = since.bytes_sent.get();
  last.bytes_received = since.bytes_received.get();
  last.response = summarize_durations(since.elapsed);
  summary.last = last;
}

}  // namespace

Summary summarize(const Run& run, Timestamp now, SummaryLimits limits) {
  Summary summary;
  summary.run_id = run.run_id();
  summary.number = run.number();
  summary.time = now;
  summary.state = run.state();
  summary.final = run.ended();
  summary.elapsed_s = elapsed_seconds(run, now);
  add_workers(summary, run);
  add_hits(summary, run.seconds().total());
  add_tests(summary, run);
  add_counts(summary, run);
  add_labels(summary, run, limits.labels_max);
  add_errors(summary, run, limits.errors_max);
  add_last(summary, run, now);
  return summary;
}

}  // namespace weir::aggregator
