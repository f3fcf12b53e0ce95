#include "aggregator/collect.hpp"

#include <algorithm>
#include <utility>

namespace weir::aggregator {

using schema::StoreBatch;

namespace {

std::vector<schema::MethodCount> methods_of(const Run& run) {
  std::vector<schema::MethodCount> methods;
  for (const auto& [method, count] : run.methods()) methods.push_back({method, count});
  return methods;
}

schema::RunRecord run_record(const Run& run) {
  return {.run = run.number(),
          .run_id = run.run_id(),
          .name = run.about().name,
          .project = run.about().project,
          .scenario = run.about().scenario,
          .source = run.about().source,
          .state = run.state(),
          .result = std::nullopt,
          .started = run.started(),
          .ended = run.ended_at(),
          .users_max = run.users_max(),
          .workers = static_cast<std::int64_t>(run.workers().size()),
          .tags = run.about().tags,
          .figures = run.seconds().total(),
          .skewed = run.skewed(),
          .urls_distinct = run.labels().urls_distinct(),
          .methods = methods_of(run)};
}

void collect_workers(Run& run, StoreBatch& batch) {
  for (auto& [id, worker] : run.workers()) {
    if (!std::exchange(worker.changed, false)) continue;
    batch.workers.push_back({.run = run.number(),
                             .worker_id = id,
                             .region = {},
                             .first = worker.first,
                             .last = worker.last,
                             .messages = worker.messages,
                             .missing = worker.sequence.missing(),
                             .duplicate = worker.sequence.duplicate(),
                             .late = worker.late});
  }
}

void collect_intervals(Run& run, StoreBatch& batch) {
  Run::Uncollected& uncollected = run.uncollected();
  schema::append(batch.intervals, std::exchange(uncollected.intervals, {}));
  for (auto& [key, series] : uncollected.late) {
    const auto& [label, start] = key;
    const schema::Elapsed length =
        label == schema::kAllLabels ? schema::Elapsed{std::chrono::seconds{1}} : kLabelWindow;
    batch.intervals.push_back({.run = run.number(),
                               .label = label,
                               .region = {},
                               .start = start,
                               .length = length,
                               .users = std::nullopt,
                               .figures = series});
  }
  uncollected.late.clear();
}

void collect_tests(Run& run, StoreBatch& batch) {
  for (auto& [name, test] : run.tests().by_name()) {
    if (!std::exchange(test.changed, false)) continue;
    batch.tests.push_back({.run = run.number(),
                           .test = name,
                           .started = test.started,
                           .finished = test.finished,
                           .success = test.success,
                           .failure = test.failure,
                           .error = test.error,
                           .durations = test.durations});
  }
}

void collect_counts(Run& run, StoreBatch& batch) {
  for (auto& [name, counter] : run.counters()) {
    if (!std::exchange(counter.changed, false)) continue;
    batch.counters.push_back({.run = run.number(), .name = name, .count = counter.count});
  }
  Run::Sockets& sockets = run.sockets();
  if (std::exchange(sockets.changed, false)) {
    batch.sockets.push_back({.run = run.number(),
                             .opened = sockets.opened,
                             .closed = sockets.closed,
                             .messages = sockets.messages,
                             .bytes_received = sockets.bytes_received});
  }
}

void collect_errors(Run& run, StoreBatch& batch) {
  for (auto& [key, group] : run.errors().groups()) {
    if (!std::exchange(group.changed, false)) continue;
    batch.errors.push_back({.run = run.number(),
                            .kind = std::string(to_string(key.kind)),
                            .class_name = key.class_name,
                            .message = key.message,
                            .traceback = key.traceback,
                            .label = group.label,
                            .test = group.test,
                            .count = group.count,
                            .first = group.first,
                            .last = group.last});
  }
}

}  // namespace

void collect_label(Run& run, std::uint32_t label, StoreBatch& batch, bool all) {
  Run::LabelFigures& figures = run.label_figures()[label - 1];
  if (!std::exchange(figures.changed, false) && !all) return;
  LabelName name = run.labels().name(label);
  schema::LabelRecord record{.run = run.number(),
                             .label = label,
                             .region = {},
                             .text = std::move(name.text),
                             .name = std::move(name.name),
                             .method = std::move(name.method),
                             .url = std::move(name.url),
                             .figures = figures.windows.total(),
                             .status = {}};
  for (const auto& [status, count] : figures.status.counts()) {
    record.status.push_back({status, count});
  }
  batch.labels.push_back(std::move(record));
}

void collect_all_but_labels(Run& run, StoreBatch& batch) {
  batch.runs.push_back(run_record(run));
  collect_workers(run, batch);
  collect_intervals(run, batch);
  collect_tests(run, batch);
  collect_counts(run, batch);
  collect_errors(run, batch);
}

void collect(Run& run, StoreBatch& batch, bool all) {
  run.close_rest();
  collect_all_but_labels(run, batch);
  for (std::uint32_t label = 1; label <= run.label_figures().size(); ++label) {
    collect_label(run, label, batch, all);
  }
}

void collect_again(Run& run) {
  for (auto& [id, worker] : run.workers()) worker.changed = true;
  for (Run::LabelFigures& label : run.label_figures()) label.changed = true;
  for (auto& [name, test] : run.tests().by_name()) test.changed = true;
  for (auto& [name, counter] : run.counters()) counter.changed = true;
  for (auto& [key, group] : run.errors().groups()) group.changed = true;
  run.sockets().changed = run.sockets().opened + run.sockets().closed + run.sockets().messages > 0;
}

}  // namespace weir::aggregator
