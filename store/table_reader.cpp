#include "store/table_reader.hpp"

#include <array>
#include <utility>

#include "store/figures.hpp"

namespace weir::store {
namespace {

using schema::Result;

constexpr std::array kLabelKeys{
    SortKey{"count", "count"},
    SortKey{"label", "label", true},
    SortKey{"failed", "failed"},
    SortKey{"failed_share", "failed * 1.0 / nullif(count, 0)"},
    SortKey{"mean", "mean_us"},
    SortKey{"min", "min_us"},
    SortKey{"max", "max_us"},
    SortKey{"p50", "p50_us"},
    SortKey{"p90", "p90_us"},
    SortKey{"p95", "p95_us"},
    SortKey{"p99", "p99_us"},
    SortKey{"p999", "p999_us"},
    SortKey{"bytes_sent", "bytes_sent"},
    SortKey{"bytes_received", "bytes_received"},
};
constexpr std::array kErrorKeys{
    SortKey{"count", "errors.count"},
    SortKey{"class", "class", true},
    SortKey{"first", "first_us", true},
    SortKey{"last", "last_us"},
};
constexpr std::array kTestKeys{
    SortKey{"test", "test", true}, SortKey{"started", "started"}, SortKey{"finished", "finished"},
    SortKey{"success", "success"}, SortKey{"failure", "failure"}, SortKey{"error", "error"},
    SortKey{"mean", "mean_us"},    SortKey{"p95", "p95_us"},      SortKey{"max", "max_us"},
};
constexpr std::array kWorkerKeys{
    SortKey{"worker_id", "worker_id", true},
    SortKey{"first", "first_us", true},
    SortKey{"last", "last_us"},
    SortKey{"messages", "messages"},
    SortKey{"missing", "missing"},
    SortKey{"duplicate", "duplicate"},
    SortKey{"late", "late"},
};

// A list of a run: SELECT columns FROM table WHERE run = ? ...
class Listing {
 public:
  Listing(Database& database, std::int64_t run, std::string table)
      : database_(database), run_(run), table_(std::move(table)) {}

  // `condition` has a place for each of the values.
  void only(const std::string& condition, std::vector<std::string> values) {
    where_ += " AND " + condition;
    for (std::string& value : values) values_.push_back(std::move(value));
  }
  // A part of any of the texts that the expression makes, whatever the case.
  void search(const std::string& expression, const std::string& text) {
    if (!text.empty()) only("instr(lower(" + expression + "), lower(?)) > 0", {text});
  }

  template <class Row, class Read>
  Result<Page<Row>> page(const std::string& columns, const TableQuery& query,
                         const std::string& then_by, Read&& read) {
    Page<Row> page;
    auto counted = prepare("SELECT count(*)");
    if (!counted) return tl::make_unexpected(counted.error());
    if (const auto row = counted->step(); !row) return tl::make_unexpected(row.error());
    page.total = Columns{*counted}.count();
    auto rows = prepare("SELECT " + columns, order_by(query, then_by) + " LIMIT ? OFFSET ?");
    if (!rows) return tl::make_unexpected(rows.error());
    rows->add(query.limit).add(query.offset);
    for (;;) {
      const auto more = rows->step();
      if (!more) return tl::make_unexpected(more.error());
      if (!*more) return page;
      Columns row{*rows};
      if (auto error = read(row, page.rows.emplace_back())) return tl::make_unexpected(*error);
    }
  }

 private:
  static std::string order_by(const TableQuery& query, const std::string& then_by) {
    if (query.sort == nullptr) return " ORDER BY " + then_by;
    const bool descending = query.descending.value_or(!query.sort->is_text);
    return " ORDER BY " + std::string{query.sort->sql} + (descending ? " DESC, " : ", ") + then_by;
  }

  Result<Statement> prepare(const std::string& select, const std::string& behind = {}) {
    auto statement = database_.prepare(select + " FROM " + table_ + where_ + behind);
    if (!statement) return statement;
    statement->add(run_);
    for (const std::string& value : values_) statement->add(value);
    return statement;
  }

  Database& database_;
  std::int64_t run_;
  std::string table_;
  std::string where_ = " WHERE run = ?";
  std::vector<std::string> values_;
};

using MaybeError = std::optional<schema::Error>;

MaybeError keep_sketch(std::string_view bytes, schema::Sketch& sketch) {
  if (bytes.empty()) return {};
  auto parsed = schema::Sketch::parse(bytes);
  if (!parsed) return parsed.error();
  sketch = *std::move(parsed);
  return {};
}

Result<void> read_status(Database& database, std::int64_t run, std::vector<LabelRow>& rows) {
  auto query = database.prepare(
      "SELECT status, count FROM status_counts WHERE run = ? AND label = ? ORDER BY status");
  if (!query) return tl::make_unexpected(query.error());
  for (LabelRow& row : rows) {
    query->add(run).add(row.id);
    for (;;) {
      const auto more = query->step();
      if (!more) return tl::make_unexpected(more.error());
      if (!*more) break;
      Columns columns{*query};
      const int status = static_cast<int>(columns.integer());
      row.figures.status.emplace_back(status, columns.count());
    }
  }
  return {};
}

}  // namespace

std::span<const SortKey> label_sort_keys() { return kLabelKeys; }
std::span<const SortKey> error_sort_keys() { return kErrorKeys; }
std::span<const SortKey> test_sort_keys() { return kTestKeys; }
std::span<const SortKey> worker_sort_keys() { return kWorkerKeys; }

Result<Page<LabelRow>> read_labels(Database& database, std::int64_t run, const TableQuery& query,
                                   bool with_sketches) {
  Listing listing{database, run, "labels"};
  listing.search("label", query.search);
  if (query.label) listing.only("label = ?", {*query.label});
  const std::string sketch = with_sketches ? "sketch" : "NULL";
  auto page =
      listing.page<LabelRow>("id, label, name, method, url, bytes_sent, bytes_received, " + sketch +
                                 ", " + std::string{kSummaryColumns},
                             query, "id", [](Columns& columns, LabelRow& row) -> MaybeError {
                               row.id = columns.integer();
                               row.figures.label = columns.text();
                               row.figures.name = columns.text();
                               row.figures.method = columns.text();
                               row.figures.url = columns.text();
                               row.figures.bytes_sent = columns.maybe_integer();
                               row.figures.bytes_received = columns.maybe_integer();
                               MaybeError error = keep_sketch(columns.blob(), row.response);
                               const Figures figures = read_figures(columns);
                               row.figures.count = figures.response.count;
                               row.figures.failed = figures.failed;
                               row.figures.response = figures.response;
                               return error;
                             });
  if (!page) return page;
  if (auto read = read_status(database, run, page->rows); !read) {
    return tl::make_unexpected(read.error());
  }
  return page;
}

Result<std::vector<schema::LabelSummary>> read_label_figures(Database& database, std::int64_t run) {
  auto query = database.prepare("SELECT label, " + std::string{kSummaryColumns} +
                                " FROM labels WHERE run = ?");
  if (!query) return tl::make_unexpected(query.error());
  query->add(run);
  std::vector<schema::LabelSummary> labels;
  for (;;) {
    const auto more = query->step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return labels;
    Columns columns{*query};
    schema::LabelSummary& label = labels.emplace_back();
    label.label = columns.text();
    const Figures figures = read_figures(columns);
    label.count = figures.response.count;
    label.failed = figures.failed;
    label.response = figures.response;
  }
}

Result<std::int64_t> find_label(Database& database, std::int64_t run, std::string_view label) {
  auto query = database.prepare("SELECT min(id) FROM labels WHERE run = ? AND label = ?");
  if (!query) return tl::make_unexpected(query.error());
  if (const auto row = query->add(run).add(label).step(); !row) {
    return tl::make_unexpected(row.error());
  }
  if (const auto id = Columns{*query}.maybe_integer()) return *id;
  return schema::fail(schema::ErrorCode::not_found, "this run has no such label");
}

Result<Page<ErrorRow>> read_errors(Database& database, std::int64_t run, const TableQuery& query,
                                   const ErrorFilter& filter) {
  Listing listing{database, run, "errors"};
  listing.search("class || char(10) || message || char(10) || traceback", query.search);
  if (!filter.kind.empty()) listing.only("kind = ?", {filter.kind});
  if (filter.label) listing.only("label = CAST(? AS INTEGER)", {std::to_string(*filter.label)});
  return listing.page<ErrorRow>(
      "kind, class, message, traceback, count, first_us, last_us, test, "
      "coalesce((SELECT label FROM labels WHERE id = errors.label), '')",
      query, "first_us, class, message, traceback",
      [](Columns& columns, ErrorRow& row) -> MaybeError {
        row.error.kind = columns.text();
        row.error.class_name = columns.text();
        row.error.message = columns.text();
        row.error.traceback = columns.text();
        row.error.count = columns.count();
        row.error.first = columns.time();
        row.error.last = columns.time();
        row.test = columns.text();
        row.label = columns.text();
        return {};
      });
}

Result<Page<TestRow>> read_tests(Database& database, std::int64_t run, const TableQuery& query) {
  Listing listing{database, run, "tests"};
  listing.search("test", query.search);
  return listing.page<TestRow>(
      "test, started, finished, success, failure, error, " + std::string{kSummaryColumns}, query,
      "test", [run](Columns& columns, TestRow& row) -> MaybeError {
        row.counts.run = run;
        row.counts.test = columns.text();
        row.counts.started = columns.count();
        row.counts.finished = columns.count();
        row.counts.success = columns.count();
        row.counts.failure = columns.count();
        row.counts.error = columns.count();
        row.durations = read_figures(columns).response;
        return {};
      });
}

Result<Page<schema::WorkerRecord>> read_workers(Database& database, std::int64_t run,
                                                const TableQuery& query) {
  Listing listing{database, run, "workers"};
  listing.search("worker_id", query.search);
  return listing.page<schema::WorkerRecord>(
      "worker_id, region, first_us, last_us, messages, missing, duplicate, late", query,
      "worker_id", [run](Columns& columns, schema::WorkerRecord& row) -> MaybeError {
        row.run = run;
        row.worker_id = columns.text();
        row.region = columns.text();
        row.first = columns.time();
        row.last = columns.time();
        row.messages = columns.count();
        row.missing = columns.count();
        row.duplicate = columns.count();
        row.late = columns.count();
        return {};
      });
}

Result<Page<schema::EventRecord>> read_events(Database& database, std::int64_t run,
                                              const std::vector<std::string>& kinds,
                                              const TableQuery& query) {
  static constexpr SortKey kTime{"time", "time_us", true};
  Listing listing{database, run, "events"};
  if (!kinds.empty()) {
    std::string places = "?";
    for (std::size_t i = 1; i < kinds.size(); ++i) places += ", ?";
    listing.only("kind IN (" + places + ")", kinds);
  }
  TableQuery by_time = query;
  by_time.sort = &kTime;
  return listing.page<schema::EventRecord>(
      "time_us, kind, detail", by_time, "id",
      [run](Columns& columns, schema::EventRecord& row) -> MaybeError {
        row.run = run;
        row.time = columns.time();
        row.kind = columns.text();
        row.detail = columns.text();
        return {};
      });
}

Result<Rejects> read_rejects(Database& database, std::optional<std::int64_t> run,
                             std::size_t samples_max) {
  Rejects rejects;
  auto counts = database.prepare(
      "SELECT reason, sum(count) FROM rejects WHERE run = coalesce(?, run) GROUP BY reason "
      "ORDER BY reason");
  if (!counts) return tl::make_unexpected(counts.error());
  counts->add(run);
  for (;;) {
    const auto more = counts->step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) break;
    Columns columns{*counts};
    schema::RejectRecord& row = rejects.counts.emplace_back();
    row.run = run.value_or(0);
    row.reason = columns.text();
    row.count = columns.count();
  }
  auto samples = database.prepare(
      "SELECT run, reason, time_us, detail, sample FROM reject_samples "
      "WHERE run = coalesce(?, run) ORDER BY id DESC LIMIT ?");
  if (!samples) return tl::make_unexpected(samples.error());
  samples->add(run).add(samples_max);
  for (;;) {
    const auto more = samples->step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return rejects;
    Columns columns{*samples};
    schema::RejectSample& row = rejects.samples.emplace_back();
    row.run = columns.integer();
    row.reason = columns.text();
    row.time = columns.time();
    row.detail = columns.text();
    row.sample = columns.blob();
  }
}

Result<schema::Sketch> read_sketch(Database& database, std::int64_t run, std::int64_t label) {
  auto query = database.prepare(label == schema::kAllLabels
                                    ? "SELECT sketch FROM runs WHERE id = ?"
                                    : "SELECT sketch FROM labels WHERE run = ? AND id = ?");
  if (!query) return tl::make_unexpected(query.error());
  query->add(run);
  if (label != schema::kAllLabels) query->add(label);
  schema::Sketch sketch;
  const auto row = query->step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return sketch;
  if (auto error = keep_sketch(Columns{*query}.blob(), sketch)) {
    return tl::make_unexpected(*error);
  }
  return sketch;
}

}  // namespace weir::store
