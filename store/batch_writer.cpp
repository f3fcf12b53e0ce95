#include "store/batch_writer.hpp"

#include <array>
#include <concepts>
#include <utility>

#include "schema/ids.hpp"
#include "store/figures.hpp"
#include "store/tags_json.hpp"
#include "store/upsert.hpp"

namespace weir::store {
namespace {

using schema::Result;

constexpr std::int64_t kNoLabelId = 0;

std::string with_figures(std::string_view columns) {
  return std::string{columns} + ", bytes_sent, bytes_received, " + std::string{kFigureColumns};
}

void add_series(Statement& statement, const schema::SeriesRecord& figures) {
  statement.add(figures.bytes_sent.get()).add(figures.bytes_received.get());
  add_figures(statement, figures.elapsed, figures.failed);
}

// run_id is written once: see free_run_id.
std::string run_sql() {
  const std::string replaced = with_figures(
      "name, project, scenario, source, state, result, started_us, ended_us, users_max, workers, "
      "tags, skewed, urls_distinct, broker_version");
  return insert_sql("runs", "id, run_id, " + replaced) + or_replace_sql("id", replaced);
}

}  // namespace

Result<BatchWriter::Statements> BatchWriter::prepare_statements(Database& database) {
  Statements statements;
  const std::array<std::pair<Statement*, std::string>, 16> all{{
      {&statements.has_run, "SELECT 1 FROM runs WHERE id = ?"},
      {&statements.has_run_id, "SELECT 1 FROM runs WHERE run_id = ?"},
      {&statements.run, run_sql()},
      {&statements.hits_not_kept, "UPDATE runs SET hits_not_kept = hits_not_kept + ? WHERE id = ?"},
      {&statements.worker, upsert_sql("workers", "run, worker_id",
                                      "region, first_us, last_us, messages, missing, duplicate, "
                                      "late")},
      {&statements.label,
       upsert_sql("labels", "run, region, label", with_figures("name, method, url")) +
           " RETURNING id"},
      {&statements.clear_status, "DELETE FROM status_counts WHERE run = ? AND label = ?"},
      {&statements.status, upsert_sql("status_counts", "run, label, status", "count")},
      {&statements.test,
       upsert_sql("tests", "run, test",
                  "started, finished, success, failure, error, " + std::string{kFigureColumns})},
      {&statements.method, upsert_sql("methods", "run, method", "count")},
      {&statements.counter, upsert_sql("counters", "run, name", "count")},
      {&statements.sockets,
       upsert_sql("sockets", "run", "opened, closed, messages, bytes_received")},
      {&statements.error, upsert_sql("errors", "run, kind, class, message, traceback",
                                     "label, test, count, first_us, last_us")},
      {&statements.reject, add_sql("rejects", "run, reason", "count")},
      {&statements.reject_sample,
       insert_sql("reject_samples", "run, reason, time_us, detail, sample")},
      {&statements.event, insert_sql("events", "run, time_us, kind, detail")},
  }};
  for (const auto& [statement, sql] : all) {
    auto prepared = database.prepare(sql);
    if (!prepared) return tl::make_unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  return statements;
}

Result<BatchWriter> BatchWriter::prepare(Database& database, std::size_t hits_max_per_run,
                                         std::string broker_version) {
  auto statements = prepare_statements(database);
  if (!statements) return tl::make_unexpected(statements.error());
  auto intervals = IntervalWriter::prepare(database);
  if (!intervals) return tl::make_unexpected(intervals.error());
  auto hits = HitWriter::prepare(database, hits_max_per_run);
  if (!hits) return tl::make_unexpected(hits.error());
  auto checkpoint = CheckpointWriter::prepare(database);
  if (!checkpoint) return tl::make_unexpected(checkpoint.error());
  BatchWriter writer;
  writer.broker_version_ = std::move(broker_version);
  writer.statements_ = std::move(*statements);
  writer.intervals_ = std::move(*intervals);
  writer.hits_ = std::move(*hits);
  writer.checkpoint_ = std::move(*checkpoint);
  return writer;
}

template <class Record>
Result<void> BatchWriter::write_all(const std::vector<Record>& records) {
  // Rejects and events may belong to no run.
  constexpr bool kNeedsRun =
      !std::same_as<Record, schema::RunRecord> && !std::same_as<Record, schema::RejectRecord> &&
      !std::same_as<Record, schema::RejectSample> && !std::same_as<Record, schema::EventRecord>;
  for (const Record& record : records) {
    if constexpr (kNeedsRun) {
      const auto known = has_run(record.run);
      if (!known) return tl::make_unexpected(known.error());
      if (!*known) {
        ++skipped_in_batch_;
        continue;
      }
    }
    if (auto written = write(record); !written) return written;
  }
  return {};
}

Result<void> BatchWriter::write(const schema::StoreBatch& batch) {
  // Runs before what refers to them, labels before what needs their ids.
  const auto write_these = [this](const auto&... records) {
    Result<void> written;
    static_cast<void>(((written = write_all(records)).has_value() && ...));
    return written;
  };
  auto written =
      write_these(batch.runs, batch.workers, batch.labels, batch.intervals, batch.tests,
                  batch.counters, batch.sockets, batch.errors, batch.hits, batch.hits_not_kept,
                  batch.rejects, batch.reject_samples, batch.events);
  skipped_in_batch_ += intervals_.take_replaced();
  if (written) written = write_hits_not_kept();
  return written ? checkpoint_.write(batch) : written;
}

void BatchWriter::commit() {
  cache_.commit();
  not_kept_.clear();
  skipped_ += std::exchange(skipped_in_batch_, 0);
}

void BatchWriter::roll_back() {
  cache_.roll_back();
  not_kept_.clear();
  skipped_in_batch_ = 0;
}

Result<bool> BatchWriter::has_run(std::int64_t run) {
  if (cache_.has_run(run)) return true;
  auto found = statements_.has_run.add(run).step();
  statements_.has_run.reset();
  if (found && *found) cache_.add_run(run);
  return found;
}

// A run_id comes back when the broker has forgotten that it was used: its new run is stored all the
// same, under a name that shows what happened.
Result<std::string> BatchWriter::free_run_id(const schema::RunRecord& run) {
  std::string free = run.run_id;
  for (;;) {
    const auto taken = statements_.has_run_id.add(free).step();
    statements_.has_run_id.reset();
    if (!taken) return tl::make_unexpected(taken.error());
    if (!*taken) return free;
    free += "~" + std::to_string(run.run);
  }
}

std::int64_t BatchWriter::label_id(std::int64_t run, std::uint32_t label) const {
  if (label == schema::kAllLabels) return kNoLabelId;
  return cache_.label_id(run, label).value_or(kNoLabelId);
}

Result<void> BatchWriter::write(const schema::RunRecord& run) {
  const auto known = has_run(run.run);
  if (!known) return tl::make_unexpected(known.error());
  const auto run_id = *known ? Result<std::string>{run.run_id} : free_run_id(run);
  if (!run_id) return tl::make_unexpected(run_id.error());
  std::optional<std::string_view> result;
  if (run.result) result = schema::to_string(*run.result);
  Statement& statement = statements_.run;
  statement.add(run.run).add(*run_id).add(run.name).add(run.project).add(run.scenario);
  statement.add(run.source).add(schema::to_string(run.state)).add(result);
  statement.add(run.started).add(run.ended).add(run.users_max).add(run.workers);
  statement.add(tags_to_json(run.tags)).add(run.skewed).add(run.urls_distinct);
  statement.add(broker_version_);
  add_series(statement, run.figures);
  auto written = statement.run();
  if (!written) return written;
  cache_.add_run(run.run);
  for (const auto& [method, count] : run.methods) {
    written = statements_.method.add(run.run).add(method).add(count).run();
    if (!written) return written;
  }
  return {};
}

Result<void> BatchWriter::write(const schema::WorkerRecord& worker) {
  Statement& statement = statements_.worker;
  statement.add(worker.run).add(worker.worker_id).add(worker.region);
  statement.add(worker.first).add(worker.last).add(worker.messages);
  return statement.add(worker.missing).add(worker.duplicate).add(worker.late).run();
}

Result<void> BatchWriter::write(const schema::LabelRecord& label) {
  Statement& statement = statements_.label;
  statement.add(label.run).add(label.region).add(label.text);
  statement.add(label.name).add(label.method).add(label.url);
  add_series(statement, label.figures);
  const auto returned = statement.step();
  if (!returned) return tl::make_unexpected(returned.error());
  const std::int64_t id = Columns{statement}.integer();
  if (auto done = statement.run(); !done) return done;
  cache_.set_label_id(label.run, label.label, id);
  return write_status(label, id);
}

Result<void> BatchWriter::write_status(const schema::LabelRecord& label, std::int64_t label_id) {
  auto cleared = statements_.clear_status.add(label.run).add(label_id).run();
  if (!cleared) return cleared;
  for (const auto& [status, count] : label.status) {
    auto written = statements_.status.add(label.run).add(label_id).add(status).add(count).run();
    if (!written) return written;
  }
  return {};
}

Result<void> BatchWriter::write(const schema::IntervalRecord& interval) {
  const std::int64_t id = label_id(interval.run, interval.label);
  if (id == kNoLabelId && interval.label != schema::kAllLabels) {
    ++skipped_in_batch_;
    return {};
  }
  return intervals_.write(interval, id);
}

Result<void> BatchWriter::write(const schema::TestRecord& test) {
  Statement& statement = statements_.test;
  statement.add(test.run).add(test.test).add(test.started).add(test.finished);
  statement.add(test.success).add(test.failure).add(test.error);
  add_figures(statement, test.durations, test.failure + test.error);
  return statement.run();
}

Result<void> BatchWriter::write(const schema::CounterRecord& counter) {
  return statements_.counter.add(counter.run).add(counter.name).add(counter.count).run();
}

Result<void> BatchWriter::write(const schema::SocketsRecord& sockets) {
  Statement& statement = statements_.sockets;
  statement.add(sockets.run).add(sockets.opened).add(sockets.closed);
  return statement.add(sockets.messages).add(sockets.bytes_received).run();
}

Result<void> BatchWriter::write(const schema::ErrorRecord& error) {
  Statement& statement = statements_.error;
  statement.add(error.run).add(error.kind).add(error.class_name).add(error.message);
  statement.add(error.traceback).add(label_id(error.run, error.label)).add(error.test);
  return statement.add(error.count).add(error.first).add(error.last).run();
}

Result<void> BatchWriter::write(const schema::HitRecord& hit) {
  const auto kept = hits_.write(hit, label_id(hit.run, hit.label), cache_.kept(hit.run));
  if (!kept) return tl::make_unexpected(kept.error());
  if (!*kept) ++not_kept_[hit.run];
  return {};
}

Result<void> BatchWriter::write(const schema::HitsNotKept& hits) {
  not_kept_[hits.run] += hits.count;
  return {};
}

Result<void> BatchWriter::write_hits_not_kept() {
  for (const auto& [run, count] : not_kept_) {
    if (auto added = statements_.hits_not_kept.add(count).add(run).run(); !added) return added;
  }
  return {};
}

Result<void> BatchWriter::write(const schema::RejectRecord& reject) {
  return statements_.reject.add(reject.run).add(reject.reason).add(reject.count).run();
}

Result<void> BatchWriter::write(const schema::RejectSample& sample) {
  Statement& statement = statements_.reject_sample;
  statement.add(sample.run).add(sample.reason).add(sample.time).add(sample.detail);
  // Most programs refuse to read text that is not UTF-8.
  if (schema::is_utf8(sample.sample)) return statement.add(sample.sample).run();
  return statement.add_blob(sample.sample).run();
}

Result<void> BatchWriter::write(const schema::EventRecord& event) {
  return statements_.event.add(event.run).add(event.time).add(event.kind).add(event.detail).run();
}

}  // namespace weir::store
