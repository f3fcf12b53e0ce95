// The passing of time in a run: lost workers, closing intervals, and its end.
#include <algorithm>
#include <utility>

#include "aggregator/run.hpp"

namespace weir::aggregator {

using schema::RunState;
using schema::Timestamp;

namespace {

// A pause longer than this is not filled with empty seconds.
constexpr std::chrono::seconds kLongestFilledPause{120};

schema::IntervalRecord interval_of(std::int64_t run, std::uint32_t label,
                                   std::chrono::seconds length, ClosedInterval&& closed) {
  return {.run = run,
          .label = label,
          .region = {},
          .start = closed.start,
          .length = length,
          .users = closed.users,
          .figures = std::move(closed.figures)};
}

}  // namespace

bool Run::owes_stops() const { return owing_ > 0; }

void Run::add_event(RunEventKind kind, Timestamp time, std::string_view worker_id) {
  uncollected_.events.push_back({time, kind, std::string(worker_id), {}});
}

// The users of a worker count while it is active; the total is kept as workers change.
void Run::count_users(Worker& worker) {
  if (!worker.users) return;
  const std::int64_t counted = !ended() && worker.active() ? *worker.users : 0;
  if (users_ && counted == worker.users_counted) return;
  users_ = users_.value_or(0) + counted - worker.users_counted;
  worker.users_counted = counted;
  users_max_ = std::max(users_max_.value_or(0), *users_);
}

void Run::find_lost_workers(Timestamp now) {
  for (auto& [id, worker] : workers_) {
    if (!worker.active() || now - counted_from(worker.last) < config_.worker_lost) continue;
    worker.lost = true;
    changed_ = true;
    count_users(worker);
    add_event(RunEventKind::worker_lost, now, id);
  }
}

void Run::tick(Timestamp now) {
  if (ended()) return;
  seen_ = now;
  find_lost_workers(now);
  note_users(second_of(now));
  if (complete_since_ && now - counted_from(*complete_since_) >= config_.end_grace) {
    end(RunState::finished, now);
  } else if (now - counted_from(last_message_) >= config_.idle_timeout) {
    // Whether its workers were done is not known: what they said may be lost with the broker.
    const RunState heard = owes_stops() ? RunState::timed_out : RunState::finished;
    end(silent_ ? RunState::aborted_by_system : heard, now);
  } else {
    close_intervals(second_of(now));
  }
}

// Every second gets the users, not only the one in which the tick falls.
void Run::note_users(Second until) {
  if (!users_) return;
  const Second first = std::max(users_noted_ + std::chrono::seconds{1}, until - kOpenSeconds);
  for (Second second = first; second <= until; second += std::chrono::seconds{1}) {
    seconds_.note_users(second_clock_, second, *users_);
  }
  seconds_.note_users(second_clock_, until, *users_);
  users_noted_ = until;
}

void Run::end(RunState state, Timestamp now) {
  if (ended()) return;
  state_ = state;
  ended_at_ = std::max(last_message_, started_);
  closed_at_ = now;
  changed_ = true;
  add_event(RunEventKind::finished, now);
  for (auto& [id, worker] : workers_) count_users(worker);
  close_intervals(Second::max());
  if (!stopped_) empty_.clear();
}

void Run::describe(const std::optional<std::string>& name,
                   const std::optional<std::vector<schema::TagRecord>>& tags) {
  if (name) about_.name = *name;
  if (tags) about_.tags = *tags;
  changed_ = true;
}

void Run::stop(Timestamp now) {
  if (ended()) return;
  stopped_ = true;
  loaded_ = false;
  end(owes_stops() ? RunState::aborted_by_system : RunState::finished, now);
}

Timestamp Run::counted_from(Timestamp since) const {
  return resumed_ ? std::max(since, *resumed_) : since;
}

void Run::resume(Timestamp now) {
  if (ended()) return;
  uncollected_.events.push_back({now, RunEventKind::broker_away, {}, std::min(seen_, now)});
  resumed_ = seen_ = now;
  silent_ = true;
  mark_summary(now);
  changed_ = true;
}

// The seconds and windows that were closed at the stop are rows by now; what still comes for them
// is added to these.
void Run::reopen_if_stopped(Timestamp now) {
  if (!can_reopen()) return;
  state_ = RunState::running;
  ended_at_.reset();
  closed_at_.reset();
  stopped_ = silent_ = false;
  resumed_ = seen_ = now;
  second_clock_.reopen();
  label_clock_.reopen();
  add_event(RunEventKind::reopened, now);
  for (auto& [id, worker] : workers_) count_users(worker);
}

void Run::mark_summary(Timestamp now) {
  since_summary_ = {};
  last_summary_ = now;
  changed_ = false;
}

void Run::close_intervals(Second until) {
  second_clock_.advance(until);
  if (label_clock_.advance(until)) close_next_ = 0;
  std::vector<ClosedInterval> closed;
  seconds_.close(second_clock_, closed);
  for (ClosedInterval& second : closed) {
    if (second.figures.count() == 0) {
      if (empty_.size() >= kLongestFilledPause.count()) empty_.erase(empty_.begin());
      empty_.push_back(std::move(second));
      continue;
    }
    // A pause between hits is part of the timeline; silence after the last hit is not.
    Second next = last_closed_ ? *last_closed_ + std::chrono::seconds{1} : second.start;
    if (second.start - next > kLongestFilledPause) next = second.start;
    for (; next < second.start; next += std::chrono::seconds{1}) {
      const auto known = std::ranges::find(empty_, next, &ClosedInterval::start);
      ClosedInterval pause{.start = next, .users = {}, .figures = {}};
      if (known != empty_.end()) pause.users = known->users;
      uncollected_.intervals.push_back(
          interval_of(number_, schema::kAllLabels, std::chrono::seconds{1}, std::move(pause)));
    }
    empty_.clear();
    last_closed_ = std::max(last_closed_.value_or(second.start), second.start);
    uncollected_.intervals.push_back(
        interval_of(number_, schema::kAllLabels, std::chrono::seconds{1}, std::move(second)));
  }
  if (labels_.size() <= kLabelsAtOnce) close_rest();
}

bool Run::close_some(std::size_t labels_max) {
  std::vector<ClosedInterval> closed;
  for (; labels_max > 0 && close_next_ < labels_.size(); ++close_next_, --labels_max) {
    LabelFigures& figures = labels_[close_next_];
    if (!figures.windows.has_to_close(label_clock_)) continue;
    const auto label = static_cast<std::uint32_t>(close_next_ + 1);
    if (watch_ != nullptr) watch_->before_change(label);
    figures.windows.close(label_clock_, closed);
    figures.changed = true;
    for (ClosedInterval& window : closed) {
      uncollected_.intervals.push_back(
          interval_of(number_, label, kLabelWindow, std::move(window)));
    }
    closed.clear();
  }
  return close_next_ < labels_.size();
}

}  // namespace weir::aggregator
