#include "broker/recovery.hpp"

#include <algorithm>
#include <utility>

#include "broker/log.hpp"
#include "broker/utc_clock.hpp"

namespace weir::broker {

schema::Result<Before> read_before(store::RunWriter& writer,
                                   const aggregator::LimitsConfig& limits) {
  Before before;
  // Not those that are ended next: what the journal or their workers have of them becomes new runs.
  const auto closed = writer.closed_runs(limits.closed_runs);
  if (!closed) return tl::make_unexpected(closed.error());
  before.closed.assign(closed->rbegin(), closed->rend());
  const auto ended = writer.close_interrupted(utc_now());
  if (!ended) return tl::make_unexpected(ended.error());
  if (*ended > 0) log_event(LogLevel::warn, "runs_interrupted", {{"runs", *ended}});
  auto stored = writer.stored_state();
  if (!stored) return tl::make_unexpected(stored.error());
  before.stored = std::move(*stored);
  const auto last_run = writer.last_run();
  if (!last_run) return tl::make_unexpected(last_run.error());
  before.next_run = std::max(*last_run + 1, before.stored.checkpoint.next_run);
  return before;
}

void note_journal(Recovery& recovery, store::JournalReport&& report, std::uint64_t from) {
  recovery.journal = std::move(report);
  store::JournalReport& journal = recovery.journal;
  from = std::max(from, std::uint64_t{1});
  if (journal.first_position > from) {
    journal.missing.insert(journal.missing.begin(), {from, journal.first_position - 1});
    journal.lost_records += journal.first_position - from;
  }
  // Damages beyond those that are listed count as they were found.
  std::uint64_t before = 0;
  const auto count_before = [&](const store::PositionRange& range) {
    if (range.first < from) before += std::min(range.last, from - 1) - range.first + 1;
  };
  for (const store::JournalDamage& damage : journal.damages) {
    if (damage.lost) count_before(*damage.lost);
  }
  for (const store::PositionRange& range : journal.missing) count_before(range);
  recovery.records_lost = journal.lost_records - std::min(before, journal.lost_records);
}

}  // namespace weir::broker
