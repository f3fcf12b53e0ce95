#include "store/run_deletion.hpp"

#include <array>
#include <string>
#include <system_error>

#include "store/migrate.hpp"

namespace weir::store {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

struct RowsOfRun {
  const char* table;
  const char* key;
};

// Tables in which a run may have many rows. Those of all others go with the run's own.
constexpr std::array kLargeTables{
    RowsOfRun{"hits", "id"},
    RowsOfRun{"intervals", "id"},
    RowsOfRun{"status_counts", "run, label, status"},
    RowsOfRun{"labels", "id"},
    RowsOfRun{"errors", "run, kind, class, message, traceback"},
    RowsOfRun{"tests", "run, test"},
    RowsOfRun{"counters", "run, name"},
    RowsOfRun{"metrics", "run, name"},
    RowsOfRun{"monitors", "run, host, time_us"},
    RowsOfRun{"workers", "run, worker_id"},
    RowsOfRun{"events", "id"},
    RowsOfRun{"reject_samples", "id"},
};

std::string delete_sql(const RowsOfRun& rows) {
  const std::string table = rows.table, key = rows.key;
  return "DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key + " FROM " + table +
         " WHERE run = ? LIMIT ?)";
}

Result<void> check_allowed(Statement& found, std::int64_t run,
                           const RunDeletion::Allowance& allowance) {
  const auto row = found.step();
  if (!row) return tl::make_unexpected(row.error());
  const std::string number = "run " + std::to_string(run);
  if (!*row) return fail(ErrorCode::not_found, "there is no " + number);
  Columns columns{found};
  const bool is_baseline = columns.flag(), is_known = columns.flag();
  found.reset();
  if (is_known && !allowance.unforgotten) {
    return fail(ErrorCode::invalid_setting,
                number +
                    " goes on, or ended so short a time ago (run.late_grace_s) that a broker still "
                    "writes late messages of it; try again later");
  }
  if (is_baseline && !allowance.baseline) {
    return fail(ErrorCode::invalid_setting,
                number + " is a baseline that others are compared with; --force deletes it");
  }
  return {};
}

}  // namespace

std::string_view to_string(DeletionReason reason) {
  switch (reason) {
    case DeletionReason::asked:
      return "asked";
    case DeletionReason::retention_days:
      return "retention_days";
    case DeletionReason::max_bytes:
      return "max_bytes";
  }
  return "asked";
}

Result<RunDeletion> RunDeletion::begin(Database& database, std::int64_t run, DeletionReason reason,
                                       const Allowance& allowance) {
  auto transaction = Transaction::begin(database, Transaction::Kind::write);
  if (!transaction) return tl::make_unexpected(transaction.error());
  auto found = database.prepare(
      "SELECT baseline, EXISTS (SELECT 1 FROM run_states WHERE run = id) FROM runs WHERE id = ?");
  if (!found) return tl::make_unexpected(found.error());
  if (auto allowed = check_allowed(found->add(run), run, allowance); !allowed) {
    return tl::make_unexpected(allowed.error());
  }
  auto note = database.prepare("INSERT OR IGNORE INTO deletions (run, reason) VALUES (?, ?)");
  if (!note) return tl::make_unexpected(note.error());
  if (auto noted = note->add(run).add(to_string(reason)).run(); !noted) {
    return tl::make_unexpected(noted.error());
  }
  if (auto done = transaction->commit(); !done) return tl::make_unexpected(done.error());
  auto begun = unfinished(database, run);
  if (!begun) return tl::make_unexpected(begun.error());
  if (!*begun) return fail(ErrorCode::not_found, "there is no run " + std::to_string(run));
  return std::move(**begun);
}

Result<std::optional<RunDeletion>> RunDeletion::unfinished(Database& database,
                                                           std::optional<std::int64_t> run) {
  auto query = database.prepare(
      "SELECT run, run_id, reason FROM deletions JOIN runs ON id = run "
      "WHERE run = coalesce(?, run) ORDER BY run LIMIT 1");
  if (!query) return tl::make_unexpected(query.error());
  const auto row = query->add(run).step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return std::optional<RunDeletion>{};
  Columns columns{*query};
  const std::int64_t number = columns.integer();
  std::string run_id{columns.text()}, reason{columns.text()};
  return std::optional{RunDeletion{database, number, std::move(run_id), std::move(reason)}};
}

Result<RunDeletion::Step> RunDeletion::step(schema::Timestamp now) {
  auto transaction = Transaction::begin(*database_, Transaction::Kind::write);
  if (!transaction) return tl::make_unexpected(transaction.error());
  Step step;
  const auto rows = delete_rows();
  if (!rows) return tl::make_unexpected(rows.error());
  step.rows = *rows;
  if (step.rows < kRowsPerStep) {
    const auto gone = delete_run(now);
    if (!gone) return tl::make_unexpected(gone.error());
    if (*gone) ++step.rows;
    step.done = true;
  }
  if (auto done = transaction->commit(); !done) return tl::make_unexpected(done.error());
  return step;
}

Result<std::uint64_t> RunDeletion::delete_rows() {
  std::uint64_t rows = 0;
  for (const RowsOfRun& table : kLargeTables) {
    auto deletion = database_->prepare(delete_sql(table));
    if (!deletion) return tl::make_unexpected(deletion.error());
    auto done = deletion->add(run_).add(kRowsPerStep - rows).run();
    if (!done) return tl::make_unexpected(done.error());
    rows += static_cast<std::uint64_t>(deletion->changes());
    if (rows >= kRowsPerStep) break;
  }
  return rows;
}

// False: somebody else was faster.
Result<bool> RunDeletion::delete_run(schema::Timestamp now) {
  auto say = database_->prepare(
      "INSERT INTO events (run, time_us, kind, detail) "
      "SELECT 0, ?2, iif(reason = 'asked', 'run_deleted', 'run_expired'), "
      "json_object('number', id, 'run_id', run_id, 'hits', count, 'reason', reason) "
      "FROM deletions JOIN runs ON id = run WHERE run = ?1");
  if (!say) return tl::make_unexpected(say.error());
  if (auto said = say->add(run_).add(now).run(); !said) return tl::make_unexpected(said.error());
  auto gone = database_->prepare("DELETE FROM runs WHERE id = ?");
  if (!gone) return tl::make_unexpected(gone.error());
  if (auto done = gone->add(run_).run(); !done) return tl::make_unexpected(done.error());
  return gone->changes() > 0;
}

Result<Database> open_to_delete(const std::filesystem::path& path,
                                std::chrono::milliseconds busy_timeout) {
  std::error_code unknown;  // is for open() to tell
  if (!std::filesystem::exists(path, unknown)) {
    return fail(ErrorCode::not_found, path.string() + ": no such file");
  }
  auto database = Database::open(path, Access::read_write, busy_timeout);
  if (!database) return database;
  if (auto known = check_version(*database); !known) return tl::make_unexpected(known.error());
  if (auto set = database->execute("PRAGMA foreign_keys = ON"); !set) {
    return tl::make_unexpected(set.error());
  }
  return database;
}

}  // namespace weir::store
