#include "store/database_check.hpp"

#include <system_error>
#include <utility>

#include <unistd.h>

#include "store/migrate.hpp"
#include "store/retention.hpp"
#include "store/run_reader.hpp"
#include "store/sqlite.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;
using schema::ErrorCode;
using schema::Result;

DatabaseCheck found(DatabaseState state, std::string detail) {
  DatabaseCheck check;
  check.state = state;
  check.detail = std::move(detail);
  return check;
}

// SQLite's list of what is wrong; empty when nothing is.
Result<std::vector<std::string>> damages_in(Database& database) {
  std::vector<std::string> damages;
  auto query = database.prepare("PRAGMA integrity_check(20)");
  if (!query) return tl::make_unexpected(query.error());
  for (;;) {
    const auto row = query->step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) break;
    const std::string words{Columns{*query}.text()};
    if (words != "ok") damages.push_back(words);
  }
  const auto dangling = database.integer("SELECT count(*) FROM pragma_foreign_key_check");
  if (!dangling) return tl::make_unexpected(dangling.error());
  if (*dangling > 0) damages.push_back(std::to_string(*dangling) + " rows belong to no run");
  return damages;
}

Result<void> read_all(Database& database, DatabaseCheck& check) {
  auto damages = damages_in(database);
  if (!damages) return tl::make_unexpected(damages.error());
  check.damages = std::move(*damages);
  const auto bytes = bytes_in_use(database);
  if (!bytes) return tl::make_unexpected(bytes.error());
  check.bytes_in_use = *bytes;
  for (const auto& [into, sql] : {std::pair{&check.runs, "SELECT count(*) FROM runs"},
                                  std::pair{&check.known, "SELECT count(*) FROM run_states"},
                                  std::pair{&check.unfinished, "SELECT count(*) FROM deletions"}}) {
    const auto count = database.integer(sql);
    if (!count) return tl::make_unexpected(count.error());
    *into = *count;
  }
  auto stored = read_stored_state(database);
  if (!stored) return tl::make_unexpected(stored.error());
  if (stored->store_id == StoreId{}) check.damages.emplace_back("the table checkpoint is empty");
  check.store_id = stored->store_id;
  check.checkpoint = stored->checkpoint;
  return {};
}

// Whether SQLite can read the file at all, and it has tables of somebody else.
bool has_other_tables(Database& database) {
  const auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  return tables && *tables > 0;
}

DatabaseState state_of(const schema::Error& error, Database& database) {
  switch (error.code) {
    case ErrorCode::newer_schema:
      return DatabaseState::newer;
    case ErrorCode::invalid_setting:
      return DatabaseState::older;
    case ErrorCode::locked:
      return DatabaseState::unreachable;
    case ErrorCode::not_a_database:
      return has_other_tables(database) ? DatabaseState::other_program
                                        : DatabaseState::not_a_database;
    default:
      return DatabaseState::damaged;
  }
}

}  // namespace

DatabaseCheck check_database(const fs::path& path, const std::function<void()>& progress) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found) {
    return found(DatabaseState::missing, "there is no such file");
  }
  if (!fs::is_regular_file(status)) {
    return found(DatabaseState::unreachable, code ? code.message() : "it is not a file");
  }
  if (::access(path.c_str(), R_OK) != 0) {
    return found(DatabaseState::unreachable, "it may not be read by this user");
  }
  const std::uint64_t size = fs::file_size(path, code);
  if (size == 0 && !code) return found(DatabaseState::missing, "it is empty");
  auto database = Database::open(path, Access::read_only, RunReader::kBusyTimeout);
  if (!database) return found(DatabaseState::unreachable, database.error().detail);
  database->on_progress(progress);
  DatabaseCheck check;
  check.file_bytes = size;
  Result<void> read = check_version(*database);
  if (read) read = read_all(*database, check);
  if (!read) {
    check.state = state_of(read.error(), *database);
    check.detail = read.error().detail;
  } else if (!check.damages.empty()) {
    check.state = DatabaseState::damaged;
    check.detail = check.damages.front();
    if (check.damages.size() > 1) {
      check.detail += "; and " + std::to_string(check.damages.size() - 1) + " more";
    }
  }
  return check;
}

}  // namespace weir::store
