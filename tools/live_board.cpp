#include "tools/live_board.hpp"

#include <algorithm>
#include <utility>

#include "schema/summary_json.hpp"

namespace weir::tools {
namespace {

// Elapsed times beyond this are nonsense of a broken sender; it also keeps the arithmetic in range.
constexpr double kMaxElapsedSeconds = 1e9;

void add_rate(LiveRun& run, const RateSample& sample) {
  run.rates.push_back(sample);
  if (run.rates.size() > kRateHistory) run.rates.pop_front();
}

}  // namespace

schema::Timestamp started_at(const schema::Summary& summary) {
  const double elapsed = std::clamp(summary.elapsed_s, 0.0, kMaxElapsedSeconds);
  return summary.time - schema::from_seconds(elapsed);
}

const LiveRun* LiveBoard::apply(std::string_view topic, std::string_view body, Now now) {
  heard_ = now;
  if (topic.starts_with("broker/")) {
    schema::Result<BrokerHealth> health = broker_health_from_json(body);
    if (health) broker_ = std::move(*health);
    return nullptr;
  }
  if (!topic.starts_with("summary/")) return nullptr;
  schema::Result<schema::Summary> summary = schema::summary_from_json(body);
  if (!summary) return nullptr;
  return apply_summary(std::move(*summary), now);
}

const LiveRun* LiveBoard::apply_summary(schema::Summary summary, Now now) {
  LiveRun& run = run_of(summary);
  if (summary.seq != run.summary.seq || run.rates.empty()) {
    // A lower seq is a broker that started again, not a loss.
    const bool follows = !run.rates.empty() && summary.seq > run.summary.seq;
    const std::uint64_t missed = follows ? summary.seq - run.summary.seq - 1 : 0;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(missed, kRateHistory); ++i) {
      add_rate(run, std::nullopt);
    }
    add_rate(run, summary.last);
  }
  run.seen = now;
  run.summary = std::move(summary);
  return &run;
}

LiveRun& LiveBoard::run_of(const schema::Summary& summary) {
  const auto known = std::find_if(runs_.begin(), runs_.end(), [&](const LiveRun& run) {
    return run.summary.run_id == summary.run_id;
  });
  if (known != runs_.end()) return *known;
  if (runs_.size() == kMaxLiveRuns) {
    runs_.erase(std::min_element(runs_.begin(), runs_.end(),
                                 [](const auto& a, const auto& b) { return a.seen < b.seen; }));
  }
  LiveRun run;
  run.started = started_at(summary);
  const auto later =
      std::upper_bound(runs_.begin(), runs_.end(), run,
                       [](const LiveRun& a, const LiveRun& b) { return a.started < b.started; });
  return *runs_.insert(later, std::move(run));
}

std::optional<std::size_t> LiveBoard::selected_index() const {
  std::optional<std::size_t> newest;
  bool newest_active = false;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const schema::Summary& summary = runs_[i].summary;
    if (chosen_ && summary.run_id == *chosen_) return i;
    const bool active = !schema::has_ended(summary.state);
    if (active || !newest_active) newest = i;
    newest_active = newest_active || active;
  }
  return newest;
}

const LiveRun* LiveBoard::selected() const {
  const std::optional<std::size_t> index = selected_index();
  return index ? &runs_[*index] : nullptr;
}

std::size_t LiveBoard::position() const {
  const std::optional<std::size_t> index = selected_index();
  return index ? *index + 1 : 0;
}

void LiveBoard::select_by(int step) {
  const std::optional<std::size_t> index = selected_index();
  if (!index) return;
  const std::size_t count = runs_.size();
  const std::size_t next = step > 0 ? (*index + 1) % count : (*index + count - 1) % count;
  chosen_ = runs_[next].summary.run_id;
}

}  // namespace weir::tools
