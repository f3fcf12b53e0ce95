#include "store/retention.hpp"

#include <utility>

namespace weir::store {

using schema::Result;
using schema::Timestamp;

namespace {

Result<std::optional<std::int64_t>> oldest_run(Database& database, Timestamp ended_before) {
  auto query = database.prepare(
      "SELECT id FROM runs WHERE ended_us < ? AND baseline = 0 "
      "AND id NOT IN (SELECT run FROM run_states) ORDER BY ended_us, id LIMIT 1");
  if (!query) return tl::make_unexpected(query.error());
  const auto row = query->add(ended_before).step();
  if (!row) return tl::make_unexpected(row.error());
  if (!*row) return std::optional<std::int64_t>{};
  return std::optional{Columns{*query}.integer()};
}

bool is_over(const StoreConfig& config, std::uint64_t bytes) {
  return config.max_bytes > 0 && bytes > config.max_bytes;
}

struct Choice {
  std::optional<std::int64_t> run;  // none: all may stay
  DeletionReason reason = DeletionReason::retention_days;
};

Result<Choice> next_to_delete(Database& database, const StoreConfig& config, std::uint64_t bytes,
                              Timestamp now) {
  if (config.retention_days > 0) {
    const auto old = oldest_run(database, now - std::chrono::days{config.retention_days});
    if (!old) return tl::make_unexpected(old.error());
    if (*old) return Choice{*old, DeletionReason::retention_days};
  }
  if (!is_over(config, bytes)) return Choice{};
  const auto oldest = oldest_run(database, Timestamp::max());
  if (!oldest) return tl::make_unexpected(oldest.error());
  return Choice{*oldest, DeletionReason::max_bytes};
}

}  // namespace

Result<std::uint64_t> bytes_in_use(Database& database) {
  // One statement, so that all of it is about one moment.
  const auto bytes = database.integer(
      "SELECT (page_count - freelist_count) * page_size "
      "FROM pragma_page_count, pragma_freelist_count, pragma_page_size");
  if (!bytes) return tl::make_unexpected(bytes.error());
  return static_cast<std::uint64_t>(*bytes);
}

Result<RetentionStep> take_retention_step(Database& database, const StoreConfig& config,
                                          Timestamp now) {
  RetentionStep step;
  const auto bytes = bytes_in_use(database);
  if (!bytes) return tl::make_unexpected(bytes.error());
  step.bytes_in_use = *bytes;
  auto deletion = RunDeletion::unfinished(database);
  if (!deletion) return tl::make_unexpected(deletion.error());
  if (!*deletion) {
    const auto next = next_to_delete(database, config, *bytes, now);
    if (!next) return tl::make_unexpected(next.error());
    step.stuck = !next->run && is_over(config, *bytes);
    if (!next->run) return step;
    auto begun = RunDeletion::begin(database, *next->run, next->reason, {});
    if (!begun) return tl::make_unexpected(begun.error());
    *deletion = std::move(*begun);
  }
  const auto done = (*deletion)->step(now);
  if (!done) return tl::make_unexpected(done.error());
  step.more = true;
  if (done->done) {
    step.expired = {(*deletion)->run(), (*deletion)->run_id(), (*deletion)->reason()};
  }
  return step;
}

}  // namespace weir::store
