#include "store/migrate.hpp"

#include <array>
#include <cstdint>
#include <string>

#include "store/schema.sql.hpp"

namespace weir::store {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

constexpr std::int64_t kApplicationId = 0x77656972;  // "weir"

// schema.sql in the parts that its versions added.
constexpr std::string_view kVersion2 = "-- version 2\n";
constexpr std::size_t kPart2 = kSchema.find(kVersion2);
static_assert(kPart2 != std::string_view::npos);
constexpr std::string_view kVersion3 = "-- version 3\n";
constexpr std::size_t kPart3 = kSchema.find(kVersion3);
static_assert(kPart3 != std::string_view::npos);
constexpr std::array kMigrations{Migration{1, kSchema.substr(0, kPart2)},
                                 Migration{2, kSchema.substr(kPart2, kPart3 - kPart2)},
                                 Migration{3, kSchema.substr(kPart3)}};

std::string version_text(std::int64_t version) { return "version " + std::to_string(version); }

// The version of the file's tables; 0 of an empty file.
Result<std::int64_t> version_of(Database& database, std::int64_t newest) {
  const auto application = database.integer("PRAGMA application_id");
  if (!application && application.error().code == ErrorCode::not_a_database) {
    return fail(
        ErrorCode::not_a_database,
        database.path().string() + " is not a SQLite database; give another file with --db");
  }
  if (!application) return tl::make_unexpected(application.error());
  auto tables = database.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables;
  const bool is_empty = *application == 0 && *tables == 0;
  if (*application != kApplicationId && !is_empty) {
    return fail(ErrorCode::not_a_database,
                database.path().string() +
                    " is a SQLite database of another program; give another file with --db");
  }
  auto version = database.integer("PRAGMA user_version");
  if (version && *version > newest) {
    return fail(ErrorCode::newer_schema, database.path().string() + " has schema " +
                                             version_text(*version) + ", this weir knows up to " +
                                             version_text(newest) +
                                             "; use a newer weir, or give another file with --db");
  }
  return version;
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<void> migrate(Database& database, std::span<const Migration> migrations) {
  const std::int64_t newest = migrations.back().version;
  // Looked at before the first write, so that a foreign file is not even locked.
  if (const auto seen = version_of(database, newest); !seen) {
    return tl::make_unexpected(seen.error());
  }
  auto transaction = Transaction::begin(database, Transaction::Kind::write);
  if (!transaction) return tl::make_unexpected(transaction.error());
  const auto version = version_of(database, newest);
  if (!version) return tl::make_unexpected(version.error());
  if (*version == newest) return {};
  for (const Migration& migration : migrations) {
    if (migration.version <= *version) continue;
    if (auto done = database.execute(std::string{migration.sql}); !done) {
      return fail(done.error().code,
                  done.error().detail + " (migrating from schema " + version_text(*version) +
                      " to " + version_text(migration.version) + "; the file is as it was)");
    }
  }
  auto marked = database.execute("PRAGMA application_id = " + std::to_string(kApplicationId) +
                                 "; PRAGMA user_version = " + std::to_string(newest));
  if (!marked) return marked;
  return transaction->commit();
}

Result<void> check_version(Database& database, std::span<const Migration> migrations) {
  const std::int64_t newest = migrations.back().version;
  const auto version = version_of(database, newest);
  if (!version) return tl::make_unexpected(version.error());
  if (*version == newest) return {};
  if (*version == 0) {
    return fail(ErrorCode::not_a_database,
                database.path().string() + " is empty; weir serve --db creates and fills it");
  }
  return fail(ErrorCode::invalid_setting,
              database.path().string() + " has schema " + version_text(*version) +
                  ", this weir reads " + version_text(newest) +
                  "; start weir serve --db with it once, which brings it up to date");
}

}  // namespace weir::store
