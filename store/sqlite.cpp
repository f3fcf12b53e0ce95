#include "store/sqlite.hpp"

#include <algorithm>
#include <system_error>

#include <sqlite3.h>

namespace weir::store {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

ErrorCode code_of(int sqlite_code) {
  // Nobody knows what is on the disk then, whatever a later call says.
  if (sqlite_code == SQLITE_IOERR_FSYNC || sqlite_code == SQLITE_IOERR_DIR_FSYNC) {
    return ErrorCode::sync_failed;
  }
  switch (static_cast<unsigned>(sqlite_code) & 0xFFU) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::locked;
    case SQLITE_NOTADB:
      return ErrorCode::not_a_database;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return ErrorCode::bad_type;
    default:
      return ErrorCode::io;
  }
}

tl::unexpected<schema::Error> failure(const std::string& path, int code, const char* words) {
  return fail(code_of(code), path + ": " + words);
}

// The words of the connection belong to its latest call; a failure noted before that has only
// those of its code.
tl::unexpected<schema::Error> failure_of(sqlite3* connection, int code) {
  const char* path = sqlite3_db_filename(connection, "main");
  const bool latest = sqlite3_extended_errcode(connection) == code;
  return failure(path == nullptr ? "" : path, code,
                 latest ? sqlite3_errmsg(connection) : sqlite3_errstr(code));
}

// The form in which a path can promise that nobody writes the file.
std::string immutable_uri(const std::filesystem::path& path) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kHex[byte >> 4U], kHex[byte & 0xFU]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::note(int code) {
  if (failure_ == SQLITE_OK) failure_ = code;
}

Statement& Statement::add(std::nullopt_t /*none*/) {
  note(sqlite3_bind_null(handle_.get(), ++added_));
  return *this;
}

Statement& Statement::add(std::string_view text) {
  const char* start = text.empty() ? "" : text.data();
  note(sqlite3_bind_text64(handle_.get(), ++added_, start, text.size(), SQLITE_TRANSIENT,
                           SQLITE_UTF8));
  return *this;
}

Statement& Statement::add(double value) {
  note(sqlite3_bind_double(handle_.get(), ++added_, value));
  return *this;
}

Statement& Statement::add_blob(std::string_view bytes) {
  const char* start = bytes.empty() ? "" : bytes.data();
  note(sqlite3_bind_blob64(handle_.get(), ++added_, start, bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::add_integer(std::int64_t value) {
  note(sqlite3_bind_int64(handle_.get(), ++added_, value));
  return *this;
}

Statement& Statement::add_row(const Statement& row) {
  const int columns = sqlite3_column_count(row.handle_.get());
  for (int i = 0; i < columns; ++i) {
    note(sqlite3_bind_value(handle_.get(), ++added_, sqlite3_column_value(row.handle_.get(), i)));
  }
  return *this;
}

Result<bool> Statement::step() {
  sqlite3* connection = sqlite3_db_handle(handle_.get());
  const int code = failure_ == SQLITE_OK ? sqlite3_step(handle_.get()) : failure_;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto error = failure_of(connection, code);
  reset();
  return error;
}

Result<void> Statement::run() {
  for (;;) {
    const auto more = step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  added_ = 0;
  failure_ = SQLITE_OK;
}

std::int64_t Statement::changes() const {
  return sqlite3_changes64(sqlite3_db_handle(handle_.get()));
}

std::int64_t Columns::integer() { return sqlite3_column_int64(statement_, next_++); }

std::uint64_t Columns::count() {
  return static_cast<std::uint64_t>(std::max(integer(), std::int64_t{0}));
}

double Columns::real() { return sqlite3_column_double(statement_, next_++); }

std::string_view Columns::text() { return blob(); }

std::string_view Columns::blob() {
  const auto* start = static_cast<const char*>(sqlite3_column_blob(statement_, next_));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, next_));
  ++next_;
  return start == nullptr ? std::string_view{} : std::string_view{start, size};
}

bool Columns::is_null() const { return sqlite3_column_type(statement_, next_) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

// SQLite's own statistics of memory cost two locks for each allocation, and nobody reads them.
void leave_out_memory_statistics() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);
}

Result<Database> Database::open(const std::filesystem::path& path, Access access,
                                std::chrono::milliseconds busy_timeout) {
  leave_out_memory_statistics();
  std::error_code ignored;
  // An absolute path has no special meaning to SQLite, as ":memory:" or "" would have.
  const auto absolute = std::filesystem::absolute(path, ignored);
  if (path.empty()) return fail(ErrorCode::invalid_setting, "the database has no file name");
  if (access == Access::read_only && !std::filesystem::exists(absolute, ignored)) {
    return fail(ErrorCode::not_found, path.string() + ": no such file");
  }
  const auto connect = [&](const std::string& name, int flags) -> Result<Database> {
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &connection,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Database database{path, connection};
    if (code != SQLITE_OK) return failure(path.string(), code, sqlite3_errstr(code));
    database.set_busy_timeout(busy_timeout);
    return database;
  };
  if (access == Access::read_write) {
    return connect(absolute.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  }
  auto database = connect(absolute.string(), SQLITE_OPEN_READONLY);
  if (!database) return database;
  const auto readable = database->integer("PRAGMA schema_version");
  // Even a reader makes a file beside a database in WAL mode. Where it must not, and no writer has
  // made one either, nobody can be writing.
  if (readable || readable.error().code != ErrorCode::io ||
      std::filesystem::exists(absolute.string() + "-wal", ignored)) {
    return database;
  }
  auto alone = connect(immutable_uri(absolute), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  return alone && alone->integer("PRAGMA schema_version") ? std::move(alone) : std::move(database);
}

void Database::set_busy_timeout(std::chrono::milliseconds timeout) {
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(timeout.count()));
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure_of(handle_.get(), code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure_of(handle_.get(), code);
  return Statement{statement};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  auto query = prepare(sql);
  if (!query) return tl::make_unexpected(query.error());
  const auto row = query->step();
  if (!row) return tl::make_unexpected(row.error());
  return *row ? Columns{*query}.integer() : 0;
}

Result<void> Database::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             nullptr, nullptr);
  if (code != SQLITE_OK) return failure_of(handle_.get(), code);
  return {};
}

Result<void> Database::truncate_wal() {
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  if (code != SQLITE_OK) return failure_of(handle_.get(), code);
  return {};
}

void Database::on_progress(std::function<void()> progress) {
  constexpr int kInstructions = 1'000'000;
  progress_ = std::make_unique<std::function<void()>>(std::move(progress));
  const auto call = [](void* context) {
    (*static_cast<std::function<void()>*>(context))();
    return 0;
  };
  sqlite3_progress_handler(handle_.get(), kInstructions, call, progress_.get());
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  auto begun = database.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return tl::make_unexpected(begun.error());
  return Transaction{database};
}

Transaction::~Transaction() {
  if (database_ == nullptr || !database_->in_transaction()) return;
  // SQLite's own rollback may have come first; there is nothing left to do about a failing one.
  static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() { return database_->execute("COMMIT"); }

}  // namespace weir::store
