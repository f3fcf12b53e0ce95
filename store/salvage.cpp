#include "store/salvage.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "store/migrate.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;
using schema::ErrorCode;
using schema::fail;
using schema::Result;

constexpr std::chrono::milliseconds kWait{1'000};

// The tables of a file, those that others refer to first; then their columns.
constexpr const char* kTables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
    "ORDER BY name <> 'runs', name";
constexpr const char* kColumns = "SELECT name FROM pragma_table_info(?)";
constexpr const char* kParents =
    "SELECT count(*) FROM pragma_foreign_key_list(?) WHERE \"table\" = 'runs'";

Result<std::vector<std::string>> texts(Database& database, const char* sql,
                                       const std::optional<std::string>& parameter = {}) {
  std::vector<std::string> all;
  auto query = database.prepare(sql);
  if (!query) return tl::make_unexpected(query.error());
  if (parameter) query->add(*parameter);
  for (;;) {
    const auto row = query->step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return all;
    all.emplace_back(Columns{*query}.text());
  }
}

// The columns that a table has in both files, as a list for SQL, and a mark for each.
Result<std::pair<std::string, std::string>> shared_columns(Database& from, Database& into,
                                                           const std::string& table) {
  const auto wanted = texts(into, kColumns, table);
  if (!wanted) return tl::make_unexpected(wanted.error());
  const auto there = texts(from, kColumns, table);
  if (!there) return tl::make_unexpected(there.error());
  std::string list, marks;
  for (const std::string& column : *wanted) {
    if (std::find(there->begin(), there->end(), column) == there->end()) continue;
    list += (list.empty() ? "" : ", ") + column;
    marks += marks.empty() ? "?" : ", ?";
  }
  return std::pair{list, marks};
}

// Reading ends at what cannot be read; an error is one of writing.
Result<SalvagedTable> copy_table(Database& from, Database& into, const std::string& table) {
  SalvagedTable copied{table, 0, {}};
  const auto columns = shared_columns(from, into, table);
  if (!columns || columns->first.empty()) {
    copied.stopped_by = columns ? "it is not there" : columns.error().detail;
    return copied;
  }
  auto read = from.prepare("SELECT " + columns->first + " FROM " + table);
  if (!read) {
    copied.stopped_by = read.error().detail;
    return copied;
  }
  // A row that breaks a rule of the table is left out.
  auto write = into.prepare("INSERT OR IGNORE INTO " + table + " (" + columns->first +
                            ") VALUES (" + columns->second + ")");
  if (!write) return tl::make_unexpected(write.error());
  for (;;) {
    const auto row = read->step();
    if (!row) copied.stopped_by = row.error().detail;
    if (!row || !*row) return copied;
    if (auto written = write->add_row(*read).run(); !written) {
      if (written.error().code != ErrorCode::bad_type) {
        return tl::make_unexpected(written.error());
      }
      continue;
    }
    copied.rows += static_cast<std::uint64_t>(write->changes());
  }
}

Result<void> remove_orphans(Database& database, const std::vector<std::string>& tables) {
  for (const std::string& table : tables) {
    auto refers = database.prepare(kParents);
    if (!refers) return tl::make_unexpected(refers.error());
    const auto row = refers->add(table).step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row || Columns{*refers}.integer() == 0) continue;
    refers->reset();
    auto gone =
        database.execute("DELETE FROM " + table + " WHERE run NOT IN (SELECT id FROM runs)");
    if (!gone) return gone;
  }
  return {};
}

Result<std::vector<SalvagedTable>> copy_readable(Database& from, Database& into) {
  const auto tables = texts(into, kTables);
  if (!tables) return tl::make_unexpected(tables.error());
  auto transaction = Transaction::begin(into, Transaction::Kind::write);
  if (!transaction) return tl::make_unexpected(transaction.error());
  std::vector<SalvagedTable> copied;
  // Its row is there already.
  if (auto cleared = into.execute("DELETE FROM checkpoint"); !cleared) {
    return tl::make_unexpected(cleared.error());
  }
  for (const std::string& table : *tables) {
    auto one = copy_table(from, into, table);
    if (!one) return tl::make_unexpected(one.error());
    copied.push_back(std::move(*one));
  }
  auto settled = remove_orphans(into, *tables);
  if (settled) {
    // Without the position that states and marks belong to they would be added to once more.
    settled = into.execute(
        "DELETE FROM run_states WHERE NOT EXISTS (SELECT 1 FROM checkpoint);"
        "DELETE FROM marks WHERE NOT EXISTS (SELECT 1 FROM checkpoint);"
        "INSERT OR IGNORE INTO checkpoint (id, store_id) "
        "VALUES (1, randomblob(16))");
  }
  if (settled) settled = transaction->commit();
  if (!settled) return tl::make_unexpected(settled.error());
  return copied;
}

}  // namespace

Result<fs::path> set_database_aside(const fs::path& database, const std::string& suffix) {
  const std::string name = database.string(), aside = name + "." + suffix;
  for (const char* end : {"", "-wal", "-shm"}) {
    const std::string from = name + end, to = aside + end;
    std::error_code code;
    if (!fs::exists(fs::symlink_status(from, code))) continue;
    fs::rename(from, to, code);
    if (code) {
      std::string why = "cannot rename " + from;
      why.append(" to ").append(to).append(": ").append(code.message());
      return fail(ErrorCode::io, std::move(why));
    }
  }
  return fs::path{aside};
}

Result<std::vector<SalvagedTable>> make_from_readable(const fs::path& path,
                                                      const fs::path& damaged) {
  auto into = Database::open(path, Access::read_write, kWait);
  if (!into) return tl::make_unexpected(into.error());
  if (auto made = migrate(*into); !made) return tl::make_unexpected(made.error());
  if (damaged.empty()) return std::vector<SalvagedTable>{};
  auto from = Database::open(damaged, Access::read_only, kWait);
  if (!from || !from->integer("PRAGMA schema_version")) return std::vector<SalvagedTable>{};
  return copy_readable(*from, *into);
}

Result<bool> adopt_journal(const fs::path& path, const StoreId& store_id) {
  auto database = Database::open(path, Access::read_write, kWait);
  if (!database) return tl::make_unexpected(database.error());
  auto adopt = database->prepare("UPDATE checkpoint SET store_id = ? WHERE position = 0");
  if (!adopt) return tl::make_unexpected(adopt.error());
  const auto done = adopt
                        ->add_blob({reinterpret_cast<const char*>(store_id.data()),  // NOLINT
                                    store_id.size()})
                        .run();
  if (!done) return tl::make_unexpected(done.error());
  return adopt->changes() > 0;
}

}  // namespace weir::store
