#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "schema/error.hpp"
#include "store/journal_record.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// How far a table of a damaged results file could be read.
struct SalvagedTable {
  std::string table;
  std::uint64_t rows = 0;
  std::string stopped_by;  // empty: all of it
};

// Renames a database, with its write-ahead log, to <database>.<suffix>, and returns that. Errors:
// io.
schema::Result<std::filesystem::path> set_database_aside(const std::filesystem::path& database,
                                                         const std::string& suffix);

// Makes a new results file at `path`, with what can be read of the rows of `damaged`: each table up
// to its first unreadable row, without rows of runs that could not be read. An empty `damaged`, or
// one that cannot be opened, gives none. Errors: locked, io.
schema::Result<std::vector<SalvagedTable>> make_from_readable(const std::filesystem::path& path,
                                                              const std::filesystem::path& damaged);

// Makes a results file that has no checkpoint the one that a journal belongs to. False: it has one,
// and stays as it is.
schema::Result<bool> adopt_journal(const std::filesystem::path& path, const StoreId& store_id);

}  // namespace weir::store
