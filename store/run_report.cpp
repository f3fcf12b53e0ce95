#include "store/run_report.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "store/figures.hpp"
#include "store/tags_json.hpp"

namespace weir::store {
namespace {

using schema::rate;
using schema::Result;
using schema::Summary;

RunRow read_row(Columns& columns) {
  RunRow row;
  row.run = columns.integer();
  row.run_id = columns.text();
  row.name = columns.text();
  row.project = columns.text();
  row.scenario = columns.text();
  row.source = columns.text();
  // A state of a newer weir is at least not a running one.
  row.state = schema::parse_run_state(columns.text()).value_or(schema::RunState::archived);
  row.result = schema::parse_run_result(columns.text());
  row.started = columns.time();
  row.ended = columns.maybe_time();
  row.latest = columns.maybe_time().value_or(row.started);
  row.users_max = columns.maybe_integer();
  row.workers = columns.count();
  row.tags = tags_from_json(columns.text());
  row.note = columns.text();
  row.baseline = columns.flag();
  row.hits_not_kept = columns.count();
  row.skewed = columns.count();
  row.urls_distinct = columns.count();
  row.broker_version = columns.text();
  row.bytes_sent = columns.maybe_integer();
  row.bytes_received = columns.maybe_integer();
  Figures figures = read_figures(columns);
  row.failed = figures.failed;
  row.response = figures.response;
  return row;
}

// Fills a report with queries that each have the run as their only parameter.
class ReportReader {
 public:
  ReportReader(Database& database, RunReport& report, ReportLists lists)
      : database_(database), report_(report), lists_(lists) {}

  Result<void> read();

 private:
  template <class F>
  Result<void> each_row(const std::string& sql, F&& read);

  void read_header();
  Result<void> read_response();
  Result<void> read_workers();
  Result<void> read_labels();
  Result<void> read_totals();
  Result<void> read_status();
  Result<void> read_methods();
  Result<void> read_label_status(const std::unordered_map<std::int64_t, std::size_t>& places);
  Result<void> read_tests();
  Result<void> read_errors();
  Result<void> read_counts();
  Result<void> read_log();

  Database& database_;
  RunReport& report_;
  ReportLists lists_;
};

template <class F>
Result<void> ReportReader::each_row(const std::string& sql, F&& read) {
  auto query = database_.prepare(sql);
  if (!query) return tl::make_unexpected(query.error());
  query->add(report_.row.run);
  for (;;) {
    const auto row = query->step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
    Columns columns{*query};
    read(columns);
  }
}

Result<void> ReportReader::read() {
  read_header();
  constexpr std::array kParts{&ReportReader::read_response, &ReportReader::read_workers,
                              &ReportReader::read_labels,   &ReportReader::read_tests,
                              &ReportReader::read_errors,   &ReportReader::read_counts,
                              &ReportReader::read_log};
  for (const auto part : kParts) {
    if (auto done = (this->*part)(); !done) return done;
  }
  return {};
}

void ReportReader::read_header() {
  const RunRow& row = report_.row;
  Summary& summary = report_.summary;
  summary.run_id = row.run_id;
  summary.number = row.run;
  summary.time = row.latest;
  summary.state = row.state;
  summary.final = schema::has_ended(row.state);
  summary.elapsed_s = row.elapsed_s();
  summary.workers_total = row.workers;
  summary.workers_active = summary.final ? 0 : row.workers;
  summary.hits.count = row.response.count;
  summary.hits.failed = row.failed;
  if (summary.hits.count > 0) {
    summary.hits.success_rate =
        static_cast<double>(summary.hits.count - std::min(row.failed, summary.hits.count)) /
        static_cast<double>(summary.hits.count);
  }
  summary.hits.per_s = rate(summary.hits.count, summary.elapsed_s);
  summary.hits.bytes_sent = row.bytes_sent;
  summary.hits.bytes_received = row.bytes_received;
  summary.response = row.response;
  summary.urls_distinct = row.urls_distinct;
  summary.skewed = row.skewed;
}

Result<void> ReportReader::read_response() {
  Result<void> parsed;
  const auto keep_sketch = [&](std::string_view bytes, schema::Sketch& sketch) {
    if (bytes.empty()) return;
    if (auto read = schema::Sketch::parse(bytes)) {
      sketch = std::move(*read);
    } else {
      parsed = tl::make_unexpected(read.error());
    }
  };
  auto done = each_row("SELECT sketch FROM runs WHERE id = ?",
                       [&](Columns& columns) { keep_sketch(columns.blob(), report_.response); });
  if (!done) return done;
  report_.summary.clamped = report_.response.clamped() + report_.response.negative();
  done = each_row(
      "SELECT test, started, finished, success, failure, error, sketch FROM tests "
      "WHERE run = ? ORDER BY test",
      [&](Columns& columns) {
        schema::TestRecord& test = report_.tests.emplace_back();
        test.run = report_.row.run;
        test.test = columns.text();
        test.started = columns.count();
        test.finished = columns.count();
        test.success = columns.count();
        test.failure = columns.count();
        test.error = columns.count();
        keep_sketch(columns.blob(), test.durations);
      });
  return done ? parsed : done;
}

Result<void> ReportReader::read_workers() {
  auto done = each_row(
      "SELECT worker_id, region, first_us, last_us, messages, missing, duplicate, late "
      "FROM workers WHERE run = ? ORDER BY worker_id",
      [&](Columns& columns) {
        schema::WorkerRecord& worker = report_.workers.emplace_back();
        worker.run = report_.row.run;
        worker.worker_id = columns.text();
        worker.region = columns.text();
        worker.first = columns.time();
        worker.last = columns.time();
        worker.messages = columns.count();
        worker.missing = columns.count();
        worker.duplicate = columns.count();
        worker.late = columns.count();
        report_.summary.missing += worker.missing;
        report_.summary.duplicate += worker.duplicate;
        report_.summary.late += worker.late;
      });
  if (!done) return done;
  return each_row(
      "SELECT sum(users) FROM intervals WHERE run = ? AND label = 0 AND users IS NOT NULL "
      "GROUP BY start_us ORDER BY start_us DESC LIMIT 1",
      [&](Columns& columns) { report_.summary.users = columns.maybe_integer(); });
}

Result<void> ReportReader::read_labels() {
  if (lists_ == ReportLists::totals) return read_totals();
  Summary& summary = report_.summary;
  std::unordered_map<std::int64_t, std::size_t> places;
  auto done = each_row("SELECT id, label, name, method, url, bytes_sent, bytes_received, " +
                           std::string{kSummaryColumns} +
                           " FROM labels WHERE run = ? ORDER BY count DESC, id",
                       [&](Columns& columns) {
                         places.emplace(columns.integer(), summary.labels.size());
                         schema::LabelSummary& label = summary.labels.emplace_back();
                         label.label = columns.text();
                         label.name = columns.text();
                         label.method = columns.text();
                         label.url = columns.text();
                         label.bytes_sent = columns.maybe_integer();
                         label.bytes_received = columns.maybe_integer();
                         Figures figures = read_figures(columns);
                         label.count = figures.response.count;
                         label.failed = figures.failed;
                         label.per_s = rate(label.count, summary.elapsed_s);
                         label.response = figures.response;
                       });
  if (!done) return done;
  summary.labels_total = summary.labels.size();
  done = read_label_status(places);
  if (!done) return done;
  done = read_status();
  if (!done) return done;
  return read_methods();
}

Result<void> ReportReader::read_totals() {
  Summary& summary = report_.summary;
  auto done = each_row("SELECT count(*) FROM labels WHERE run = ?",
                       [&](Columns& columns) { summary.labels_total = columns.count(); });
  if (!done) return done;
  done = read_status();
  if (!done) return done;
  return read_methods();
}

Result<void> ReportReader::read_methods() {
  Summary& summary = report_.summary;
  return each_row("SELECT method, count FROM methods WHERE run = ? ORDER BY method",
                  [&](Columns& columns) {
                    std::string method{columns.text()};
                    summary.method.emplace_back(std::move(method), columns.count());
                  });
}

Result<void> ReportReader::read_label_status(
    const std::unordered_map<std::int64_t, std::size_t>& places) {
  Summary& summary = report_.summary;
  return each_row(
      "SELECT label, status, count FROM status_counts WHERE run = ? ORDER BY label, status",
      [&](Columns& columns) {
        const auto place = places.find(columns.integer());
        if (place == places.end()) return;
        const int status = static_cast<int>(columns.integer());
        summary.labels[place->second].status.emplace_back(status, columns.count());
      });
}

Result<void> ReportReader::read_status() {
  Summary& summary = report_.summary;
  return each_row(
      "SELECT status, sum(count) FROM status_counts WHERE run = ? GROUP BY status ORDER BY status",
      [&](Columns& columns) {
        const int status = static_cast<int>(columns.integer());
        summary.status.emplace_back(status, columns.count());
      });
}

Result<void> ReportReader::read_tests() {
  schema::TestsSummary& total = report_.summary.tests;
  for (const schema::TestRecord& test : report_.tests) {
    total.started += test.started;
    total.finished += test.finished;
    total.success += test.success;
    total.failure += test.failure;
    total.error += test.error;
  }
  total.per_s = rate(total.finished, report_.summary.elapsed_s);
  return {};
}

Result<void> ReportReader::read_errors() {
  Summary& summary = report_.summary;
  if (lists_ == ReportLists::totals) {
    return each_row("SELECT count(*) FROM errors WHERE run = ?",
                    [&](Columns& columns) { summary.errors_total = columns.count(); });
  }
  auto done = each_row(
      "SELECT kind, class, message, traceback, count, first_us, last_us FROM errors WHERE run = ? "
      "ORDER BY count DESC, first_us, class, message, traceback",
      [&](Columns& columns) {
        schema::ErrorSummary& error = summary.errors.emplace_back();
        error.kind = columns.text();
        error.class_name = columns.text();
        error.message = columns.text();
        error.traceback = columns.text();
        error.count = columns.count();
        error.first = columns.time();
        error.last = columns.time();
      });
  summary.errors_total = summary.errors.size();
  return done;
}

Result<void> ReportReader::read_counts() {
  Summary& summary = report_.summary;
  auto done = each_row("SELECT name, count FROM counters WHERE run = ? ORDER BY name",
                       [&](Columns& columns) {
                         std::string name{columns.text()};
                         summary.counters.emplace_back(std::move(name), columns.count());
                       });
  if (!done) return done;
  return each_row("SELECT opened, closed, messages, bytes_received FROM sockets WHERE run = ?",
                  [&](Columns& columns) {
                    schema::SocketsSummary& sockets = summary.sockets;
                    sockets.opened = columns.count();
                    sockets.closed = columns.count();
                    sockets.open = sockets.opened - std::min(sockets.opened, sockets.closed);
                    sockets.messages = columns.count();
                    sockets.bytes_received = columns.count();
                  });
}

Result<void> ReportReader::read_log() {
  const std::int64_t run = report_.row.run;
  auto done =
      each_row("SELECT time_us, kind, detail FROM events WHERE run = ? ORDER BY time_us, id",
               [&](Columns& columns) {
                 schema::EventRecord& event = report_.events.emplace_back();
                 event.run = run;
                 event.time = columns.time();
                 event.kind = columns.text();
                 event.detail = columns.text();
               });
  if (!done) return done;
  return each_row("SELECT reason, count FROM rejects WHERE run = ? ORDER BY reason",
                  [&](Columns& columns) {
                    schema::RejectRecord& reject = report_.rejects.emplace_back();
                    reject.run = run;
                    reject.reason = columns.text();
                    reject.count = columns.count();
                  });
}

}  // namespace

std::string rows_sql() {
  return "SELECT id, run_id, name, project, scenario, source, state, result, started_us, ended_us, "
         "coalesce(ended_us, (SELECT max(last_us) FROM workers WHERE run = runs.id)), "
         "users_max, workers, tags, note, baseline, hits_not_kept, skewed, urls_distinct, "
         "broker_version, bytes_sent, bytes_received, " +
         std::string{kSummaryColumns} + " FROM runs ";
}

Result<std::vector<RunRow>> read_rows(Statement& query) {
  std::vector<RunRow> rows;
  for (;;) {
    const auto more = query.step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return rows;
    Columns columns{query};
    rows.push_back(read_row(columns));
  }
}

Result<RunReport> read_report(Database& database, std::int64_t run, ReportLists lists) {
  auto query = database.prepare(rows_sql() + "WHERE id = ?");
  if (!query) return tl::make_unexpected(query.error());
  auto rows = read_rows(query->add(run));
  if (!rows) return tl::make_unexpected(rows.error());
  if (rows->empty()) {
    return schema::fail(schema::ErrorCode::not_found,
                        "no run " + std::to_string(run) + " in " + database.path().string());
  }
  RunReport report;
  report.row = std::move(rows->front());
  if (auto read = ReportReader{database, report, lists}.read(); !read) {
    return tl::make_unexpected(read.error());
  }
  return report;
}

}  // namespace weir::store
