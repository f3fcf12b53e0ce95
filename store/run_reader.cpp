#include "store/run_reader.hpp"

#include <charconv>
#include <utility>

#include "store/migrate.hpp"

namespace weir::store {

using schema::ErrorCode;
using schema::Result;

namespace {

// Runs that are being deleted are not whole any more. Each condition takes its values in the order
// of add_values().
std::string where(const RunFilter& filter) {
  std::string sql = "WHERE NOT EXISTS (SELECT 1 FROM deletions WHERE run = id)";
  if (!filter.states.empty()) {
    sql += " AND state IN (?";
    for (std::size_t i = 1; i < filter.states.size(); ++i) sql += ", ?";
    sql += ")";
  }
  if (filter.project) sql += " AND project = ?";
  if (filter.scenario) sql += " AND scenario = ?";
  if (!filter.tag_key.empty()) {
    sql += " AND EXISTS (SELECT 1 FROM json_each(tags) WHERE key = ?";
    if (filter.tag_value) sql += " AND value = ?";
    sql += ")";
  }
  if (filter.baseline) sql += " AND baseline = ?";
  if (!filter.search.empty()) {
    sql +=
        " AND instr(lower(run_id || char(10) || name || char(10) || project || char(10) || "
        "scenario || char(10) || note || char(10) || tags), lower(?)) > 0";
  }
  return sql;
}

void add_values(Statement& query, const RunFilter& filter) {
  for (const schema::RunState state : filter.states) query.add(schema::to_string(state));
  if (filter.project) query.add(*filter.project);
  if (filter.scenario) query.add(*filter.scenario);
  if (!filter.tag_key.empty()) query.add(filter.tag_key);
  if (!filter.tag_key.empty() && filter.tag_value) query.add(*filter.tag_value);
  if (filter.baseline) query.add(*filter.baseline);
  if (!filter.search.empty()) query.add(filter.search);
}

}  // namespace

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
  auto query = database_.prepare(rows_sql() + where(filter) + (filter.before ? " AND id < ?" : "") +
                                 " ORDER BY id DESC LIMIT ?");
  if (!query) return tl::make_unexpected(query.error());
  add_values(*query, filter);
  if (filter.before) query->add(*filter.before);
  return read_rows(query->add(filter.limit));
}

Result<std::uint64_t> RunReader::count(const RunFilter& filter) {
  auto query = database_.prepare("SELECT count(*) FROM runs " + where(filter));
  if (!query) return tl::make_unexpected(query.error());
  add_values(*query, filter);
  const auto row = query->step();
  if (!row) return tl::make_unexpected(row.error());
  return Columns{*query}.count();
}

Result<std::vector<ScenarioRow>> RunReader::scenarios() {
  auto query = database_.prepare("SELECT project, scenario, count(*), max(id) FROM runs " +
                                 where({}) + " GROUP BY project, scenario ORDER BY 1, 2");
  if (!query) return tl::make_unexpected(query.error());
  std::vector<ScenarioRow> rows;
  for (;;) {
    const auto more = query->step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return rows;
    Columns columns{*query};
    ScenarioRow& row = rows.emplace_back();
    row.project = columns.text();
    row.scenario = columns.text();
    row.runs = columns.count();
    row.latest = columns.integer();
  }
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

Result<RunReport> RunReader::report(std::int64_t run, ReportLists lists) {
  return look([run, lists](Database& database) { return read_report(database, run, lists); });
}

}  // namespace weir::store
