#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "schema/error.hpp"
#include "schema/time.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Why a run is deleted: somebody asked, or it is too old, or there is too much.
enum class DeletionReason : std::uint8_t { asked, retention_days, max_bytes };
std::string_view to_string(DeletionReason reason);

// Deletes a run in steps, each a transaction of its own of at most kRowsPerStep rows and what
// belongs to the run row itself, so that another writer of the file never waits long. What has
// begun is noted in the file and is gone on with by whoever asks for unfinished(); the run's row
// goes last, together with an event of run 0 that says so. Used by one thread; the database
// outlives it. Errors of all functions: locked, io.
class RunDeletion {
 public:
  static constexpr std::size_t kRowsPerStep = 1'000;

  struct Step {
    std::uint64_t rows = 0;  // that this step deleted
    bool done = false;       // nothing is left
  };
  // What else may be deleted.
  struct Allowance {
    bool baseline = false;     // runs that people chose to compare others with
    bool unforgotten = false;  // runs that a broker goes on with: there is none
  };

  // REQUIRES: PRAGMA foreign_keys = ON. Errors also: not_found (no such run), invalid_setting (not
  // allowed).
  static schema::Result<RunDeletion> begin(Database& database, std::int64_t run,
                                           DeletionReason reason, const Allowance& allowance);
  // One that was begun and not ended: of any run, or of this one.
  static schema::Result<std::optional<RunDeletion>> unfinished(
      Database& database, std::optional<std::int64_t> run = {});

  schema::Result<Step> step(schema::Timestamp now);

  std::int64_t run() const { return run_; }
  const std::string& run_id() const { return run_id_; }
  const std::string& reason() const { return reason_; }

 private:
  RunDeletion(Database& database, std::int64_t run, std::string run_id, std::string reason)
      : database_(&database), run_(run), run_id_(std::move(run_id)), reason_(std::move(reason)) {}
  schema::Result<std::uint64_t> delete_rows();
  schema::Result<bool> delete_run(schema::Timestamp now);

  Database* database_;
  std::int64_t run_;
  std::string run_id_, reason_;
};

// A results file opened to delete from it, also while a broker writes it. Errors also: not_found,
// not_a_database, newer_schema, invalid_setting (to be migrated first).
schema::Result<Database> open_to_delete(const std::filesystem::path& path,
                                        std::chrono::milliseconds busy_timeout);

}  // namespace weir::store
