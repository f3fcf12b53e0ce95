#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/record.hpp"
#include "schema/run_state.hpp"
#include "schema/sketch.hpp"
#include "schema/summary.hpp"
#include "schema/time.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// A row of the table runs.
struct RunRow {
  std::int64_t run = 0;
  std::string run_id;
  std::string name, project, scenario, source;
  schema::RunState state = schema::RunState::running;
  std::optional<schema::RunResult> result;
  schema::Timestamp started;
  std::optional<schema::Timestamp> ended;
  schema::Timestamp latest;  // ended, or the latest message so far
  std::optional<std::int64_t> users_max;
  std::uint64_t workers = 0;
  std::vector<schema::TagRecord> tags;
  std::string note;
  bool baseline = false;
  std::uint64_t hits_not_kept = 0, skewed = 0, urls_distinct = 0;
  std::string broker_version;
  std::uint64_t failed = 0;
  schema::DurationSummary response;  // its count is the number of hits
  std::optional<std::int64_t> bytes_sent, bytes_received;

  double elapsed_s() const { return schema::to_seconds(latest - started); }
};

// Everything about a run but its intervals and raw hits.
struct RunReport {
  RunRow row;
  // All labels, all errors with tracebacks. final once the run has ended; `last` is empty; seq is
  // 0; time is that of the latest message; users are the latest reported; workers_active, which is
  // not stored, is all of them until the run has ended, then 0.
  schema::Summary summary;
  schema::Sketch response;                    // of all hits: any percentile, a histogram
  std::vector<schema::WorkerRecord> workers;  // by worker_id
  std::vector<schema::TestRecord> tests;      // by name
  std::vector<schema::EventRecord> events;    // by time
  std::vector<schema::RejectRecord> rejects;  // by reason
};

// Which lists a report has: with totals only, those of labels and errors stay empty.
enum class ReportLists : std::uint8_t { all, totals };

// What RunReader uses. REQUIRES for both: a transaction. Errors: locked, io; read_report also
// not_found (no such run) and bad_type (a broken sketch).
schema::Result<std::vector<RunRow>> read_rows(Statement& query);
schema::Result<RunReport> read_report(Database& database, std::int64_t run,
                                      ReportLists lists = ReportLists::all);

// SELECT … FROM runs, as read_rows expects it.
std::string rows_sql();

}  // namespace weir::store
