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
  std::optional<schema::RunState> state{};
  std::string project{};
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

  // The number of a run as people name it: a run_id, else a number, else "last" for the newest one.
  // Errors also: not_found.
  schema::Result<std::int64_t> find(std::string_view run);

  // Errors also: not_found, bad_type (a stored sketch is broken).
  schema::Result<RunReport> report(std::int64_t run);

 private:
  explicit RunReader(Database database) : database_(std::move(database)) {}

  Database database_;
};

}  // namespace weir::store
