#include "aggregator/run_registry.hpp"

#include <algorithm>
#include <unordered_set>

#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::Envelope;
using schema::ErrorCode;
using schema::Result;
using schema::Timestamp;

namespace {

std::string anonymous_id(std::int64_t number) { return "run-" + std::to_string(number); }

}  // namespace

RunRegistry::RunRegistry(const Settings& settings, std::int64_t next_run,
                         const std::vector<schema::ClosedRun>& closed)
    : settings_(settings), next_run_(next_run) {
  for (const schema::ClosedRun& run : closed) remember_closed(run);
}

void RunRegistry::restore(std::vector<Run>&& runs, std::int64_t anonymous) {
  std::ranges::sort(runs, {}, &Run::number);
  for (Run& restored : runs) {
    if (by_id_.contains(restored.run_id())) continue;
    const std::int64_t number = restored.number();
    const auto [place, taken] = runs_.try_emplace(number, std::move(restored));
    if (!taken) continue;
    next_run_ = std::max(next_run_, number + 1);
    by_id_.emplace(place->second.run_id(), &place->second);
    workers_ += place->second.workers().size();
    if (number == anonymous) anonymous_ = &place->second;
  }
  for (auto& [number, run] : runs_) {
    for (auto& [id, worker] : run.workers()) {
      Seat& last = last_seat_of_.try_emplace(id, Seat{&run, &worker}).first->second;
      if (last.worker->last <= worker.last) last = {&run, &worker};
    }
  }
}

void RunRegistry::resume(Timestamp now) {
  for (auto& [number, run] : runs()) run.resume(now);
}

Result<RunRegistry::Taken> RunRegistry::apply(const schema::Message& message, Timestamp now) {
  const Envelope& envelope = message.envelope;
  Seat seat;
  if (const Seat* last = last_seat_of(envelope); last != nullptr) {
    seat = *last;
  } else {
    const Result<Seat> found = seat_of(envelope, now);
    if (!found) return tl::make_unexpected(found.error());
    seat = *found;
  }
  const Applied applied = seat.run->apply(message, *seat.worker, now, group_);
  if (applied.missed_in != 0) {
    if (const auto known = runs_.find(applied.missed_in); known != runs_.end()) {
      known->second.found_missing(envelope.worker_id);
    }
  }
  return Taken{seat.run, applied};
}

// Nearly every message. What is not certain at a glance is left to seat_of().
const RunRegistry::Seat* RunRegistry::last_seat_of(const Envelope& envelope) const {
  const auto last = last_seat_of_.find(envelope.worker_id);
  if (last == last_seat_of_.end()) return nullptr;
  const Run& run = *last->second.run;
  if (run.ended() || (!envelope.run_id.empty() && run.run_id() != envelope.run_id)) return nullptr;
  return &last->second;
}

Result<RunRegistry::Seat> RunRegistry::seat_of(const Envelope& envelope, Timestamp now) {
  const auto last = last_seat_of_.find(envelope.worker_id);
  Seat* const previous = last == last_seat_of_.end() ? nullptr : &last->second;
  const Result<Run*> found = find(envelope, previous == nullptr ? nullptr : previous->run, now);
  if (!found) return tl::make_unexpected(found.error());
  if (*found != nullptr && previous != nullptr && *found == previous->run) return *previous;
  return take_seat(envelope, *found, previous, now);
}

// Whatever refuses the message must do so before a run is opened for it.
Result<RunRegistry::Seat> RunRegistry::take_seat(const Envelope& envelope, Run* run, Seat* previous,
                                                 Timestamp now) {
  const std::string_view worker_id =
      envelope.worker_id.empty() ? schema::kUnknownWorker : envelope.worker_id;
  if (run == nullptr || run->find_worker(worker_id) == nullptr) {
    if (workers_ >= settings_.limits.workers) {
      return schema::fail(ErrorCode::limit_workers, "there are limits.workers workers");
    }
    if (run != nullptr && !run->has_room_for(worker_id)) {
      return schema::fail(ErrorCode::limit_workers, "the run has limits.workers_per_run workers");
    }
    if (run == nullptr) {
      Result<Run*> opened = open(envelope.run_id, now);
      if (!opened) return tl::make_unexpected(opened.error());
      run = *opened;
    }
    ++workers_;
  }
  // A worker numbers all its messages in one row, whatever runs they belong to.
  if (previous != nullptr) run->go_on(worker_id, *previous->run, now);
  const Seat seat{run, &run->seat(worker_id, now)};
  if (previous != nullptr) {
    *previous = seat;
  } else if (!envelope.worker_id.empty()) {
    last_seat_of_.try_emplace(std::string(envelope.worker_id), seat);
  }
  return seat;
}

Result<Run*> RunRegistry::find(const Envelope& envelope, Run* previous, Timestamp now) {
  const std::string_view run_id = envelope.run_id;
  if (run_id.empty()) {
    if (previous != nullptr && goes_on(*previous, now)) return previous;
    return anonymous_ != nullptr && goes_on(*anonymous_, now) ? anonymous_ : nullptr;
  }
  Run* run = previous != nullptr && previous->run_id() == run_id ? previous : nullptr;
  if (run == nullptr) {
    const auto named = by_id_.find(run_id);
    run = named == by_id_.end() ? nullptr : named->second;
  }
  if (run != nullptr && is_past_grace(*run, now)) {
    return schema::fail(ErrorCode::closed_run, "the run ended longer ago than run.late_grace_s");
  }
  if (run == nullptr && closed_.contains(run_id)) {
    return schema::fail(ErrorCode::closed_run, "the run is over");
  }
  return run;
}

std::optional<std::int64_t> RunRegistry::number_of(std::string_view run_id) const {
  if (const auto known = by_id_.find(run_id); known != by_id_.end()) return known->second->number();
  if (const auto known = closed_.find(run_id); known != closed_.end()) return known->second;
  return std::nullopt;
}

bool RunRegistry::is_past_grace(const Run& run, Timestamp now) const {
  return run.closed_at() && now - *run.closed_at() >= settings_.run.late_grace;
}

bool RunRegistry::goes_on(const Run& run, Timestamp now) const {
  return !run.ended() || (run.can_reopen() && !is_past_grace(run, now));
}

Result<Run*> RunRegistry::open(std::string_view run_id, Timestamp now) {
  if (runs_.size() >= settings_.limits.runs) {
    return schema::fail(ErrorCode::limit_runs, "there are limits.runs runs, open or just ended");
  }
  std::string name{run_id};
  if (run_id.empty()) {
    const auto taken = [&] { return by_id_.contains(name) || closed_.contains(name); };
    for (name = anonymous_id(next_run_); taken(); name = anonymous_id(next_run_)) ++next_run_;
  }
  const std::int64_t number = next_run_++;
  const auto [place, made] = runs_.try_emplace(number, number, std::move(name), now, settings_);
  Run* run = &place->second;
  run->set_source(source_);
  by_id_.emplace(run->run_id(), run);
  if (run_id.empty()) anonymous_ = run;
  return run;
}

void RunRegistry::tick(Timestamp now, const std::function<void(Run&)>& forget) {
  for (auto& [number, run] : runs()) run.tick(now);
  const std::vector<Run*> leaving = find_leaving(now);
  for (Run* run : leaving) forget(*run);
  forget_runs(leaving);
  workers_ = 0;
  for (const auto& [number, run] : runs_) workers_ += run.workers().size();
}

void RunRegistry::drop(std::int64_t number, const std::function<void(Run&)>& forget) {
  Run& run = runs().at(number);
  forget(run);
  forget_runs({&run});
}

bool RunRegistry::close_some(std::size_t labels_max) {
  return std::ranges::any_of(
      runs(), [labels_max](auto& entry) { return entry.second.close_some(labels_max); });
}

std::vector<Run*> RunRegistry::find_leaving(Timestamp now) {
  std::vector<Run*> ended;
  for (auto& [number, run] : runs_) {
    if (run.ended() && run.closed_at() < now) ended.push_back(&run);
  }
  std::ranges::stable_sort(ended, {}, [](const Run* run) { return run->closed_at(); });
  // Near the limit the runs that ended first leave before their late_grace is over.
  const std::size_t limit = settings_.limits.runs;
  const std::size_t roomy = limit - std::min(limit, std::max(std::size_t{1}, limit / 10));
  std::size_t leaving = 0;
  while (leaving < ended.size() &&
         (runs_.size() - leaving > roomy || is_past_grace(*ended[leaving], now))) {
    ++leaving;
  }
  ended.resize(leaving);
  return ended;
}

void RunRegistry::forget_runs(const std::vector<Run*>& leaving) {
  if (leaving.empty()) return;
  const std::unordered_set<const Run*> gone(leaving.begin(), leaving.end());
  std::erase_if(last_seat_of_, [&](const auto& last) { return gone.contains(last.second.run); });
  if (gone.contains(anonymous_)) anonymous_ = nullptr;
  for (const Run* run : leaving) {
    remember_closed({run->number(), run->run_id()});
    by_id_.erase(by_id_.find(run->run_id()));
    runs_.erase(run->number());
  }
}

void RunRegistry::remember_closed(const schema::ClosedRun& closed) {
  if (!closed_.try_emplace(closed.run_id, closed.run).second) return;
  closed_order_.push_back(closed.run_id);
  if (closed_order_.size() <= settings_.limits.closed_runs) return;
  closed_.erase(closed_order_.front());
  closed_order_.pop_front();
}

void RunRegistry::end_all(Timestamp now) {
  for (auto& [number, run] : runs()) run.stop(now);
}

std::size_t RunRegistry::active() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(runs_, [](const auto& entry) { return !entry.second.ended(); }));
}

}  // namespace weir::aggregator
