#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "schema/error.hpp"
#include "schema/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::store {

// SQLite as values and Results: the only door to the library. Errors anywhere here: locked (another
// connection holds the file), not_a_database,
// sync_failed (nobody knows what is on the disk, whatever a later call says), io (all else), with
// the file and SQLite's own words. An object is used by one thread at a time. A Database outlives
// its statements.

// A prepared statement. Parameters are added in order, columns are read with Columns:
//
//   insert.add(run).add(name).run();
class Statement {
 public:
  Statement() = default;

  // Text and blobs are copied.
  Statement& add(std::nullopt_t);
  Statement& add(std::string_view text);
  Statement& add(double value);
  Statement& add_blob(std::string_view bytes);
  Statement& add(schema::Timestamp time) { return add_integer(time.time_since_epoch().count()); }
  Statement& add(schema::Elapsed elapsed) { return add_integer(elapsed.count()); }
  // Values beyond SQLite's largest integer become that.
  template <std::integral T>
  Statement& add(T value) {
    if constexpr (!std::same_as<T, bool>) {
      constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
      if (!std::in_range<std::int64_t>(value)) return add_integer(kMax);
    }
    return add_integer(static_cast<std::int64_t>(value));
  }
  template <class T>
  Statement& add(const std::optional<T>& value) {
    return value ? add(*value) : add(std::nullopt);
  }

  // All columns of another statement's current row.
  Statement& add_row(const Statement& row);

  // Moves to the next row; false when there is none, and then the statement can be used again.
  schema::Result<bool> step();
  // Runs a statement whose rows, if any, are of no interest.
  schema::Result<void> run();
  // Ends a query before its last row.
  void reset();
  // Rows that the connection's latest insert, update or delete changed.
  std::int64_t changes() const;

 private:
  friend class Database;
  friend class Columns;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  explicit Statement(sqlite3_stmt* statement) : handle_(statement) {}
  Statement& add_integer(std::int64_t value);
  void note(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int added_ = 0;
  int failure_ = 0;  // of the first parameter that could not be added
};

// Reads the columns of a statement's current row from left to right. Views hold until the next
// step.
class Columns {
 public:
  explicit Columns(Statement& statement) : statement_(statement.handle_.get()) {}

  std::int64_t integer();
  std::uint64_t count();  // negative ones, which weir never writes, are 0
  bool flag() { return integer() != 0; }
  std::string_view text();
  std::string_view blob();
  schema::Timestamp time() { return schema::Timestamp{schema::Elapsed{integer()}}; }
  std::optional<std::int64_t> maybe_integer() { return maybe(&Columns::integer); }
  std::optional<double> maybe_real() { return maybe(&Columns::real); }
  std::optional<schema::Timestamp> maybe_time() { return maybe(&Columns::time); }

 private:
  double real();
  template <class T>
  std::optional<T> maybe(T (Columns::*read)()) {
    if (!is_null()) return (this->*read)();
    ++next_;
    return std::nullopt;
  }
  bool is_null() const;

  sqlite3_stmt* statement_;
  int next_ = 0;
};

enum class Access : std::uint8_t { read_write, read_only };

// A connection. Opening does not look into the file: see migrate.hpp for that.
class Database {
 public:
  // Read-write creates a missing file; errors also: not_found (read-only, no such file).
  static schema::Result<Database> open(const std::filesystem::path& path, Access access,
                                       std::chrono::milliseconds busy_timeout);

  const std::filesystem::path& path() const { return path_; }
  // How long later calls wait for another program that holds the file.
  void set_busy_timeout(std::chrono::milliseconds timeout);
  schema::Result<void> execute(const std::string& sql);
  schema::Result<Statement> prepare(std::string_view sql);
  // The first column of the first row; 0 without rows.
  schema::Result<std::int64_t> integer(std::string_view sql);
  // Copies what it can from the write-ahead log into the file, without waiting for readers.
  schema::Result<void> checkpoint();
  // Copies all of it and makes it empty, if no reader is in the way: does not wait for any.
  schema::Result<void> truncate_wal();
  // Calls this now and then, in the thread that makes a call which takes long.
  void on_progress(std::function<void()> progress);

 private:
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* connection) const;
  };

  Database(std::filesystem::path path, sqlite3* connection)
      : path_(std::move(path)), handle_(connection) {}
  bool in_transaction() const;

  std::filesystem::path path_;
  std::unique_ptr<std::function<void()>> progress_;  // where SQLite finds it
  std::unique_ptr<sqlite3, Close> handle_;
};

// Everything until commit() or nothing. REQUIRES: the database stays where it is meanwhile.
class Transaction {
 public:
  enum class Kind : std::uint8_t { read, write };

  static schema::Result<Transaction> begin(Database& database, Kind kind);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;

  schema::Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;
};

}  // namespace weir::store
