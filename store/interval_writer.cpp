#include "store/interval_writer.hpp"

#include <algorithm>
#include <string>

#include "store/figures.hpp"
#include "store/upsert.hpp"

namespace weir::store {
namespace {

using schema::Result;

const std::string& changing_columns() {
  static const std::string columns =
      "length_us, users, bytes_sent, bytes_received, " + std::string{kFigureColumns};
  return columns;
}

void add_changing(Statement& statement, const schema::IntervalRecord& interval) {
  const schema::SeriesRecord& figures = interval.figures;
  statement.add(interval.length).add(interval.users);
  statement.add(figures.bytes_sent.get()).add(figures.bytes_received.get());
  add_figures(statement, figures.elapsed, figures.failed);
}

std::optional<std::int64_t> larger_of(std::optional<std::int64_t> a,
                                      std::optional<std::int64_t> b) {
  return std::max(a, b);  // an empty one is the smaller
}

}  // namespace

Result<IntervalWriter> IntervalWriter::prepare(Database& database) {
  const std::string& columns = changing_columns();
  const auto parameters = 1 + std::count(columns.begin(), columns.end(), ',');
  std::string marks = "?";
  for (auto i = parameters; i > 1; --i) marks += ", ?";
  auto insert =
      database.prepare(insert_sql("intervals", "run, label, region, start_us, " + columns) +
                       " ON CONFLICT DO NOTHING");
  if (!insert) return tl::make_unexpected(insert.error());
  auto find = database.prepare(
      "SELECT id, length_us, users, bytes_sent, bytes_received, failed, sketch FROM intervals "
      "WHERE run = ? AND label = ? AND region = ? AND start_us = ?");
  if (!find) return tl::make_unexpected(find.error());
  auto update =
      database.prepare("UPDATE intervals SET (" + columns + ") = (" + marks + ") WHERE id = ?");
  if (!update) return tl::make_unexpected(update.error());
  IntervalWriter writer;
  writer.insert_ = std::move(*insert);
  writer.find_ = std::move(*find);
  writer.update_ = std::move(*update);
  return writer;
}

Result<void> IntervalWriter::write(const schema::IntervalRecord& interval, std::int64_t label_id) {
  insert_.add(interval.run).add(label_id).add(interval.region).add(interval.start);
  add_changing(insert_, interval);
  auto inserted = insert_.run();
  if (!inserted || insert_.changes() > 0) return inserted;
  return merge(interval, label_id);
}

Result<void> IntervalWriter::merge(const schema::IntervalRecord& interval, std::int64_t label_id) {
  find_.add(interval.run).add(label_id).add(interval.region).add(interval.start);
  const auto found = find_.step();
  if (!found) return tl::make_unexpected(found.error());
  Columns row{find_};
  const std::int64_t id = row.integer();
  schema::IntervalRecord sum = interval;
  sum.length = std::max(interval.length, schema::Elapsed{row.integer()});
  sum.users = larger_of(interval.users, row.maybe_integer());
  sum.figures.bytes_sent.add(row.maybe_integer());
  sum.figures.bytes_received.add(row.maybe_integer());
  sum.figures.failed += row.count();
  if (const std::string_view bytes = row.blob(); !bytes.empty()) {
    const auto stored = schema::Sketch::parse(bytes);
    // What is broken cannot be added to, and must not keep anything else from being stored.
    if (stored) {
      sum.figures.elapsed.merge(*stored);
    } else {
      ++replaced_;
      sum.figures = interval.figures;
    }
  }
  find_.reset();
  add_changing(update_, sum);
  update_.add(id);
  return update_.run();
}

}  // namespace weir::store
