#pragma once

#include <span>
#include <string_view>

#include "schema/error.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// The SQL that takes a file from the version before to this one; version 1 starts from nothing.
// Versions count up from 1 without gaps. Must not contain BEGIN, COMMIT or PRAGMA user_version.
struct Migration {
  int version;
  std::string_view sql;
};

// All there are. A released one never changes again.
std::span<const Migration> migrations();

// Brings a file to the newest version, all in one transaction: an empty or missing one is created.
// Nothing is written to any other file than weir's own. Errors: newer_schema (written by a newer
// weir), not_a_database (not SQLite, or of another program), locked, io.
schema::Result<void> migrate(Database& database,
                             std::span<const Migration> migrations = store::migrations());

// Whether this weir can read the file as it is. Errors: as above, and invalid_setting (must be
// migrated first).
schema::Result<void> check_version(Database& database,
                                   std::span<const Migration> migrations = store::migrations());

}  // namespace weir::store
