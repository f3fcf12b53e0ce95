#include "aggregator/run_registry.hpp"

#include <algorithm>

#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::Envelope;
using schema::ErrorCode;
using schema::Result;
using schema::Timestamp;

RunRegistry::RunRegistry(const Settings& settings, std::int64_t next_run,
                         const std::vector<std::string>& closed)
    : settings_(settings), next_run_(next_run) {
  for (const std::string& run_id : closed) remember_closed(run_id);
}

Result<Run*> RunRegistry::resolve(const Envelope& envelope, Timestamp now) {
  const std::string_view named = envelope.worker_id;
  if (!named.empty() && last_run_of_.size() >= settings_.limits.workers &&
      !last_run_of_.contains(named)) {
    return schema::fail(ErrorCode::limit_workers, "there are limits.workers workers");
  }
  Result<Run*> found = [&]() -> Result<Run*> {
    if (!envelope.run_id.empty()) return find_named(envelope.run_id, now);
    if (Run* run = find_open(envelope.worker_id)) return run;
    auto opened = open(anonymous_id(), now);
    if (opened) anonymous_ = *opened;
    return opened;
  }();
  if (!found) return found;

  Run& run = **found;
  if (!run.has_room_for(named.empty() ? schema::kUnknownWorker : named)) {
    return schema::fail(ErrorCode::limit_workers, "the run has limits.workers_per_run workers");
  }
  if (named.empty()) return found;
  if (const auto last = last_run_of_.find(named); last != last_run_of_.end()) {
    last->second = &run;
  } else {
    last_run_of_.try_emplace(std::string(named), &run);
  }
  return found;
}

Run* RunRegistry::find_open(std::string_view worker_id) {
  if (!worker_id.empty()) {
    const auto last = last_run_of_.find(worker_id);
    if (last != last_run_of_.end() && !last->second->ended()) return last->second;
  }
  return anonymous_ != nullptr && !anonymous_->ended() ? anonymous_ : nullptr;
}

Result<Run*> RunRegistry::find_named(std::string_view run_id, Timestamp now) {
  if (const auto found = by_id_.find(run_id); found != by_id_.end()) {
    if (!is_past_grace(*found->second, now)) return found->second;
    return schema::fail(ErrorCode::closed_run, "the run ended longer ago than run.late_grace_s");
  }
  if (closed_.contains(run_id)) return schema::fail(ErrorCode::closed_run, "the run is over");
  return open(std::string(run_id), now);
}

bool RunRegistry::is_past_grace(const Run& run, Timestamp now) const {
  return run.closed_at() && now - *run.closed_at() >= settings_.run.late_grace;
}

std::string RunRegistry::anonymous_id() const {
  for (std::int64_t number = next_run_;; ++number) {
    std::string run_id = "run-" + std::to_string(number);
    if (!by_id_.contains(run_id) && !closed_.contains(run_id)) return run_id;
  }
}

Result<Run*> RunRegistry::open(std::string run_id, Timestamp now) {
  if (runs_.size() >= settings_.limits.runs) {
    return schema::fail(ErrorCode::limit_runs, "there are limits.runs runs, open or just ended");
  }
  const std::int64_t number = next_run_++;
  const auto [place, made] = runs_.try_emplace(number, number, std::move(run_id), now, settings_);
  Run* run = &place->second;
  by_id_.emplace(run->run_id(), run);
  return run;
}

void RunRegistry::tick(Timestamp now, const std::function<void(Run&)>& forget) {
  for (auto& [number, run] : runs_) run.tick(now);
  // Near the limit the runs that ended first leave before their late_grace is over.
  const std::size_t roomy = settings_.limits.runs - settings_.limits.runs / 10;
  for (auto place = runs_.begin(); place != runs_.end();) {
    Run& run = place->second;
    const bool leaves = run.ended() && (is_past_grace(run, now) || runs_.size() > roomy);
    const auto next = std::next(place);
    if (leaves) {
      forget(run);
      forget_run(place);
    }
    place = next;
  }
}

void RunRegistry::forget_run(std::map<std::int64_t, Run>::iterator place) {
  Run* run = &place->second;
  for (const auto& [worker, state] : run->workers()) {
    const auto last = last_run_of_.find(worker);
    if (last != last_run_of_.end() && last->second == run) last_run_of_.erase(last);
  }
  if (anonymous_ == run) anonymous_ = nullptr;
  remember_closed(run->run_id());
  by_id_.erase(by_id_.find(run->run_id()));
  runs_.erase(place);
}

void RunRegistry::remember_closed(const std::string& run_id) {
  if (!closed_.insert(run_id).second) return;
  closed_order_.push_back(run_id);
  if (closed_order_.size() <= settings_.limits.closed_runs) return;
  closed_.erase(closed_order_.front());
  closed_order_.pop_front();
}

void RunRegistry::end_all(Timestamp now) {
  for (auto& [number, run] : runs_) {
    run.end(run.owes_stops() ? schema::RunState::aborted_by_system : schema::RunState::finished,
            now);
  }
}

std::size_t RunRegistry::active() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(runs_, [](const auto& entry) { return !entry.second.ended(); }));
}

}  // namespace weir::aggregator
