#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "schema/record.hpp"
#include "schema/time.hpp"
#include "store/batch_writer.hpp"
#include "store/config.hpp"
#include "store/lock.hpp"
#include "store/retention.hpp"
#include "store/sqlite.hpp"
#include "store/stored_state.hpp"
#include "store/wal_index.hpp"

namespace weir::store {

// The one writer of a results store (docs/storage.md). Others read the file meanwhile, in this
// process or another. Used by one thread.
//
//   auto writer = RunWriter::open(config, "0.1.0");
//   writer->write(batch);
//
// Errors of all functions: locked (another program holds the file: open() waits busy_timeout for
// it, others 0.5 s) and io (disk full, no permission); nothing has changed then and the same call
// may succeed later; and sync_failed: what a later call writes may not be on the disk either.
class RunWriter {
 public:
  // Creates the file, or brings it up to date. Errors also: locked (another weir writes it),
  // no_space, newer_schema, not_a_database, invalid_setting (no file name).
  static schema::Result<RunWriter> open(const StoreConfig& config, std::string broker_version);
  // The same for who has the lock already.
  static schema::Result<RunWriter> open(const StoreConfig& config, std::string broker_version,
                                        StoreLock lock);

  // Writes all of a batch or nothing; with `synced` it is on the disk when this returns. Records
  // that can belong to no row are left out and counted in records_skipped(): those of a run that
  // has no row in the file or the batch, and intervals of a label that neither this batch nor an
  // earlier one since forget_run had a LabelRecord of. (Hits and errors of such a label are kept
  // with label 0.) A run_id that is taken by another run gets
  // "~<run>" appended. Errors also: bad_type (a stored sketch that should be merged into is broken;
  // it will not succeed later).
  schema::Result<void> write(const schema::StoreBatch& batch);
  std::uint64_t records_skipped() const { return batches_.records_skipped(); }

  // Frees what is remembered about a run that is over for good.
  void forget_run(std::int64_t run) { batches_.forget_run(run); }

  // The highest number a run ever had, deleted ones included; 0 before the first.
  schema::Result<std::int64_t> last_run();
  // Ended runs, newest first.
  schema::Result<std::vector<schema::ClosedRun>> closed_runs(std::size_t limit);
  // What the last broker left to go on from.
  schema::Result<StoredState> stored_state() { return read_stored_state(database_); }
  // Ends the runs that a dead broker left open and of which there is no state to go on from:
  // aborted_by_system, ended at their latest message, with an event "interrupted". Returns how
  // many.
  schema::Result<std::size_t> close_interrupted(schema::Timestamp now);
  // Makes a run one that cannot go on: see close_interrupted().
  schema::Result<void> drop_state(std::int64_t run);

  // Deletes a piece of a run that the settings do not keep, if there is one.
  schema::Result<RetentionStep> take_retention_step(schema::Timestamp now) {
    return store::take_retention_step(database_, config_, now);
  }

  // Of the write-ahead log, which grows while a reader keeps an old moment of the file.
  std::uint64_t wal_bytes() const;
  // Makes it empty if no reader is in the way; waits for none (locked).
  schema::Result<void> truncate_wal();
  // Copies the write-ahead log into the file as far as readers allow, without waiting for them.
  schema::Result<void> checkpoint() { return database_.checkpoint(); }

 private:
  RunWriter(StoreConfig config, StoreLock lock, Database database, BatchWriter batches)
      : config_(std::move(config)),
        file_(file_of(config_.db)),
        lock_(std::move(lock)),
        wal_index_(file_),
        database_(std::move(database)),
        batches_(std::move(batches)) {}

  // Where links lead: SQLite has its other files beside that.
  static std::filesystem::path file_of(const std::filesystem::path& db);

  StoreConfig config_;
  std::filesystem::path file_;
  StoreLock lock_;
  WalIndex wal_index_;
  Database database_;
  BatchWriter batches_;
  bool synced_ = false;  // how a commit is written at present
};

}  // namespace weir::store
