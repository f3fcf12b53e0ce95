#include "store/run_reader.hpp"

#include <charconv>
#include <utility>

#include "store/migrate.hpp"

namespace weir::store {

using schema::ErrorCode;
using schema::Result;

Result<RunReader> RunReader::open(const std::filesystem::path& path,
                                  std::chrono::milliseconds busy_timeout) {
  auto database = Database::open(path, Access::read_only, busy_timeout);
  if (!database && database.error().code == ErrorCode::not_found) {
    return schema::fail(
        ErrorCode::not_found,
        database.error().detail + "; weir serve writes weir.db in its folder, --db names another");
  }
  if (!database) return tl::make_unexpected(database.error());
  if (auto readable = check_version(*database); !readable) {
    return tl::make_unexpected(readable.error());
  }
  return RunReader{std::move(*database)};
}

Result<std::vector<RunRow>> RunReader::runs(const RunFilter& filter) {
  std::string sql = rows_sql() + "WHERE 1";
  if (filter.before) sql += " AND id < ?";
  if (filter.state) sql += " AND state = ?";
  if (!filter.project.empty()) sql += " AND project = ?";
  auto query = database_.prepare(sql + " ORDER BY id DESC LIMIT ?");
  if (!query) return tl::make_unexpected(query.error());
  if (filter.before) query->add(*filter.before);
  if (filter.state) query->add(schema::to_string(*filter.state));
  if (!filter.project.empty()) query->add(filter.project);
  return read_rows(query->add(filter.limit));
}

Result<std::int64_t> RunReader::find(std::string_view run) {
  std::optional<std::int64_t> number;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(run.data(), run.data() + run.size(), value);
  if (error == std::errc{} && end == run.data() + run.size()) number = value;
  // One statement, so that all of it is about one moment.
  auto query = database_.prepare(
      "SELECT id, 1 AS place FROM runs WHERE run_id = ?1 "
      "UNION ALL SELECT id, 2 FROM runs WHERE id = ?2 "
      "UNION ALL SELECT max(id), 3 FROM runs WHERE ?1 = 'last' ORDER BY place");
  if (!query) return tl::make_unexpected(query.error());
  query->add(run).add(number);
  for (;;) {
    const auto row = query->step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) break;
    // The newest of no runs is NULL.
    if (const auto id = Columns{*query}.maybe_integer()) return *id;
  }
  const std::string file = database_.path().string();
  if (run == "last") return schema::fail(ErrorCode::not_found, file + " has no runs yet");
  return schema::fail(ErrorCode::not_found,
                      "no run '" + std::string{run} + "' in " + file + "; weir runs lists them");
}

Result<RunReport> RunReader::report(std::int64_t run) {
  auto transaction = Transaction::begin(database_, Transaction::Kind::read);
  if (!transaction) return tl::make_unexpected(transaction.error());
  auto report = read_report(database_, run);
  if (!report) return report;
  if (auto ended = transaction->commit(); !ended) return tl::make_unexpected(ended.error());
  return report;
}

}  // namespace weir::store
