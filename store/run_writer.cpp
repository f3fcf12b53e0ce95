#include "store/run_writer.hpp"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "schema/run_state.hpp"
#include "store/failpoint.hpp"
#include "store/migrate.hpp"

namespace weir::store {
namespace {

// Once the file is open, a writer that finds it held comes back rather than waits, so that it can
// be stopped.
constexpr std::chrono::milliseconds kWriteWait{500};

using schema::Result;

// Readers go on while weir writes; a crash of the machine may lose the last moments, but not the
// file.
Result<void> configure(Database& database) {
  {
    auto mode = database.prepare("PRAGMA journal_mode = WAL");
    if (!mode) return tl::make_unexpected(mode.error());
    const auto row = mode->step();
    if (!row) return tl::make_unexpected(row.error());
    if (Columns{*mode}.text() != "wal") {
      return schema::fail(
          schema::ErrorCode::io,
          database.path().string() + ": no write-ahead log on this file system; use a local disk");
    }
  }
  return database.execute(
      "PRAGMA synchronous = NORMAL;"
      "PRAGMA foreign_keys = ON;"
      "PRAGMA wal_autocheckpoint = 0;"          // that would not say when a sync fails
      "PRAGMA cache_size = -16384;"             // 16 MiB
      "PRAGMA journal_size_limit = 67108864");  // 64 MiB
}

std::string ended_states_sql() {
  std::string list;
  constexpr auto kLast = static_cast<int>(schema::RunState::archived);
  for (int i = 0; i <= kLast; ++i) {
    const auto state = static_cast<schema::RunState>(i);
    if (!schema::has_ended(state)) continue;
    if (!list.empty()) list += ", ";
    list += "'" + std::string{schema::to_string(state)} + "'";
  }
  return list;
}

}  // namespace

Result<RunWriter> RunWriter::open(const StoreConfig& config, std::string broker_version) {
  // Before anything is made beside a file that is none of ours.
  if (auto database = Database::open(config.db, Access::read_only, config.busy_timeout)) {
    const auto readable = database->integer("PRAGMA schema_version");
    if (!readable && readable.error().code == schema::ErrorCode::not_a_database) {
      return tl::make_unexpected(readable.error());
    }
  }
  auto lock = StoreLock::acquire(config.db);
  if (!lock) return tl::make_unexpected(lock.error());
  return open(config, std::move(broker_version), std::move(*lock));
}

Result<RunWriter> RunWriter::open(const StoreConfig& config, std::string broker_version,
                                  StoreLock lock) {
  if (auto room = WalIndex{file_of(config.db)}.check_room(); !room) {
    return tl::make_unexpected(room.error());
  }
  auto database = Database::open(config.db, Access::read_write, config.busy_timeout);
  if (!database) return tl::make_unexpected(database.error());
  if (auto migrated = migrate(*database); !migrated) {
    return tl::make_unexpected(migrated.error());
  }
  if (auto configured = configure(*database); !configured) {
    return tl::make_unexpected(configured.error());
  }
  database->set_busy_timeout(std::min(config.busy_timeout, kWriteWait));
  auto batches =
      BatchWriter::prepare(*database, config.hits_max_per_run, std::move(broker_version));
  if (!batches) return tl::make_unexpected(batches.error());
  return RunWriter{config, std::move(lock), std::move(*database), std::move(*batches)};
}

Result<void> RunWriter::write(const schema::StoreBatch& batch) {
  if (batch.synced != synced_) {
    auto set = database_.execute(batch.synced ? "PRAGMA synchronous = FULL"
                                              : "PRAGMA synchronous = NORMAL");
    if (!set) return set;
    synced_ = batch.synced;
  }
  auto transaction = Transaction::begin(database_, Transaction::Kind::write);
  if (!transaction) return tl::make_unexpected(transaction.error());
  if (auto reserved = wal_index_.reserve(wal_bytes()); !reserved) return reserved;
  auto written = batches_.write(batch);
  failpoint(Failpoint::checkpoint);
  if (written) written = transaction->commit();
  if (written) {
    batches_.commit();
  } else {
    batches_.roll_back();
  }
  return written;
}

Result<std::int64_t> RunWriter::last_run() {
  return database_.integer("SELECT seq FROM sqlite_sequence WHERE name = 'runs'");
}

Result<std::vector<schema::ClosedRun>> RunWriter::closed_runs(std::size_t limit) {
  auto query = database_.prepare("SELECT id, run_id FROM runs WHERE state IN (" +
                                 ended_states_sql() + ") ORDER BY id DESC LIMIT ?");
  if (!query) return tl::make_unexpected(query.error());
  std::vector<schema::ClosedRun> closed;
  query->add(limit);
  for (;;) {
    const auto row = query->step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return closed;
    Columns columns{*query};
    const std::int64_t run = columns.integer();
    closed.push_back({run, std::string(columns.text())});
  }
}

Result<std::size_t> RunWriter::close_interrupted(schema::Timestamp now) {
  const std::string open = " FROM runs WHERE state NOT IN (" + ended_states_sql() +
                           ") AND id NOT IN (SELECT run FROM run_states)";
  // One that is half deleted must not go on while the rest of it goes.
  auto deleted =
      database_.execute("DELETE FROM run_states WHERE run IN (SELECT run FROM deletions)");
  if (!deleted) return tl::make_unexpected(deleted.error());
  auto event = database_.prepare(
      "INSERT INTO events (run, time_us, kind, detail) "
      "SELECT id, ?, 'interrupted', json_object('state', state)" +
      open);
  if (!event) return tl::make_unexpected(event.error());
  auto end = database_.prepare(
      "UPDATE runs SET state = ?, ended_us = max(started_us, coalesce("
      "(SELECT max(last_us) FROM workers WHERE run = runs.id), started_us)) "
      "WHERE id IN (SELECT id" +
      open + ")");
  if (!end) return tl::make_unexpected(end.error());
  auto transaction = Transaction::begin(database_, Transaction::Kind::write);
  if (!transaction) return tl::make_unexpected(transaction.error());
  if (auto added = event->add(now).run(); !added) return tl::make_unexpected(added.error());
  auto ended = end->add(schema::to_string(schema::RunState::aborted_by_system)).run();
  if (!ended) return tl::make_unexpected(ended.error());
  const std::int64_t closed = end->changes();
  if (auto committed = transaction->commit(); !committed) {
    return tl::make_unexpected(committed.error());
  }
  return static_cast<std::size_t>(closed);
}

Result<void> RunWriter::drop_state(std::int64_t run) {
  auto gone = database_.prepare("DELETE FROM run_states WHERE run = ?");
  if (!gone) return tl::make_unexpected(gone.error());
  return gone->add(run).run();
}

std::filesystem::path RunWriter::file_of(const std::filesystem::path& db) {
  std::error_code unresolved;
  auto file = std::filesystem::weakly_canonical(db, unresolved);
  return unresolved ? db : file;
}

std::uint64_t RunWriter::wal_bytes() const {
  std::error_code none;
  const auto bytes = std::filesystem::file_size(file_.string() + "-wal", none);
  return none ? 0 : bytes;
}

Result<void> RunWriter::truncate_wal() {
  database_.set_busy_timeout(std::chrono::milliseconds{0});
  auto truncated = database_.truncate_wal();
  database_.set_busy_timeout(std::min(config_.busy_timeout, kWriteWait));
  return truncated;
}

}  // namespace weir::store
