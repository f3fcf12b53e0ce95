#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/run_state.hpp"
#include "store/run_report.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Which runs to list; an empty field does not filter.
struct RunFilter {
  std::size_t limit = 50;
  std::optional<std::int64_t> before{};  // only runs with a lower number: the next page
  std::vector<schema::RunState> states{};
  std::optional<std::string> project{}, scenario{};  // empty texts: runs without one
  std::string tag_key{};
  std::optional<std::string> tag_value{};  // with tag_key
  std::optional<bool> baseline{};
  std::string search{};  // a part of what people wrote: run_id, name, project, note, tags, …
};

// A scenario of a project, and how often it was run.
struct ScenarioRow {
  std::string project, scenario;
  std::uint64_t runs = 0;
  std::int64_t latest = 0;  // the number of the newest
};

// Reads a results store, while a broker writes it or after; never changes it. Each call sees one
// moment of the file. Used by one thread at a time; open as many as needed. Errors of all
// functions: locked (rare: another program is changing the file in a way that stops readers) and
// io.
class RunReader {
 public:
  static constexpr std::chrono::milliseconds kBusyTimeout{5'000};

  // Errors also: not_found (no such file), not_a_database, newer_schema, invalid_setting (written
  // by an older weir, to be migrated first).
  static schema::Result<RunReader> open(const std::filesystem::path& path,
                                        std::chrono::milliseconds busy_timeout = kBusyTimeout);

  // Newest first.
  schema::Result<std::vector<RunRow>> runs(const RunFilter& filter = {});
  // How many there are on all pages.
  schema::Result<std::uint64_t> count(const RunFilter& filter);
  // By project and scenario.
  schema::Result<std::vector<ScenarioRow>> scenarios();

  // The number of a run as people name it: a run_id, else a number, else "last" for the newest one.
  // Errors also: not_found.
  schema::Result<std::int64_t> find(std::string_view run);

  // Errors also: not_found, bad_type (a stored sketch is broken).
  schema::Result<RunReport> report(std::int64_t run, ReportLists lists = ReportLists::all);

  // Calls read(database), which returns a Result, with all of it about one moment of the file. For
  // what takes a Database: table_reader.hpp, timeline_reader.hpp.
  template <class Read>
  auto look(Read&& read) -> decltype(read(std::declval<Database&>())) {
    auto transaction = Transaction::begin(database_, Transaction::Kind::read);
    if (!transaction) return tl::make_unexpected(transaction.error());
    auto found = read(database_);
    if (!found) return found;
    if (auto ended = transaction->commit(); !ended) return tl::make_unexpected(ended.error());
    return found;
  }

 private:
  explicit RunReader(Database database) : database_(std::move(database)) {}

  Database database_;
};

}  // namespace weir::store
