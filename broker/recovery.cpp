#include "broker/recovery.hpp"

#include <algorithm>
#include <utility>

#include "broker/log.hpp"
#include "broker/utc_clock.hpp"

namespace weir::broker {

schema::Result<Before> read_before(store::RunWriter& writer,
                                   const aggregator::LimitsConfig& limits) {
  const auto ended = writer.close_interrupted(utc_now());
  if (!ended) return tl::make_unexpected(ended.error());
  if (*ended > 0) log_event(LogLevel::warn, "runs_interrupted", {{"runs", *ended}});
  Before before;
  auto stored = writer.stored_state();
  if (!stored) return tl::make_unexpected(stored.error());
  before.stored = std::move(*stored);
  const auto last_run = writer.last_run();
  if (!last_run) return tl::make_unexpected(last_run.error());
  before.next_run = std::max(*last_run + 1, before.stored.checkpoint.next_run);
  const auto closed = writer.closed_runs(limits.closed_runs);
  if (!closed) return tl::make_unexpected(closed.error());
  before.closed.assign(closed->rbegin(), closed->rend());
  return before;
}

}  // namespace weir::broker
