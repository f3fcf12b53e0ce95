#include "aggregator/intervals.hpp"

#include <algorithm>
#include <utility>

namespace weir::aggregator {

Second IntervalClock::start_of(Second second) const {
  const std::chrono::seconds since = second.time_since_epoch();
  const std::chrono::seconds past = since % length_;
  return Second{since - past -
                (past < std::chrono::seconds{0} ? length_ : std::chrono::seconds{0})};
}

bool IntervalClock::advance(Second now) {
  if (now == Second::max()) return !std::exchange(shut_, true);
  const Second until = start_of(now - kOpenSeconds);
  if (until <= closed_until_) return false;
  closed_until_ = until;
  return true;
}

Intervals::Open& Intervals::at(Second start) {
  if (newest_.start == start) return newest_;
  if (newest_.start == kAllClosed) {
    closed_ = std::make_unique<Series>(std::move(newest_.figures));
    newest_ = Open{};
  }
  if (newest_.start < start) {
    if (newest_.start != kNone) {
      if (older_ == nullptr) older_ = std::make_unique<std::vector<Open>>();
      older_->push_back(std::exchange(newest_, Open{}));
    }
    newest_.start = start;
    return newest_;
  }
  if (older_ == nullptr) older_ = std::make_unique<std::vector<Open>>();
  const auto place = std::ranges::lower_bound(*older_, start, {}, &Open::start);
  if (place != older_->end() && place->start == start) return *place;
  return *older_->insert(place, Open{.start = start, .users = kNoUsers, .figures = {}});
}

bool Intervals::record(const IntervalClock& clock, Second second, const Sample& sample) {
  // The usual case.
  if (is_open() && clock.is_in(second, newest_.start) && !clock.is_closed(newest_.start)) {
    newest_.figures.record(sample);
    return true;
  }
  const Second start = clock.start_of(second);
  if (clock.is_closed(start)) {
    closed().record(sample);
    return false;
  }
  at(start).figures.record(sample);
  return true;
}

void Intervals::note_users(const IntervalClock& clock, Second second, std::int64_t users) {
  const Second start = clock.start_of(second);
  if (clock.is_closed(start)) return;
  Open& open = at(start);
  open.users = std::max(open.users, users);
}

Series Intervals::total_of_closed() const {
  if (newest_.start == kAllClosed) return newest_.figures;
  return closed_ == nullptr ? Series{} : *closed_;
}

// Where nothing is open yet its place serves, so that a label of a few hits takes no other.
Series& Intervals::closed() {
  if (newest_.start == kNone && closed_ == nullptr) newest_.start = kAllClosed;
  if (newest_.start == kAllClosed) return newest_.figures;
  if (closed_ == nullptr) closed_ = std::make_unique<Series>();
  return *closed_;
}

void Intervals::close(Open& open, IntervalClock& clock, std::vector<ClosedInterval>& closed) {
  this->closed().merge(open.figures);
  if (clock.is_shut()) clock.note_closed(open.start);
  std::optional<std::int64_t> users;
  if (open.users != kNoUsers) users = open.users;
  closed.push_back({open.start, users, std::move(open.figures)});
}

bool Intervals::has_to_close(const IntervalClock& clock) const {
  if (older_ != nullptr) return clock.is_closed(older_->front().start);
  return is_open() && clock.is_closed(newest_.start);
}

bool Intervals::close(IntervalClock& clock, std::vector<ClosedInterval>& closed) {
  const std::size_t before = closed.size();
  if (older_ != nullptr) {
    auto open = older_->begin();
    while (open != older_->end() && clock.is_closed(open->start)) close(*open++, clock, closed);
    older_->erase(older_->begin(), open);
    if (older_->empty()) older_.reset();
  }
  if (is_open() && clock.is_closed(newest_.start)) {
    Open last = std::exchange(newest_, Open{});
    close(last, clock, closed);
  }
  return closed.size() > before;
}

template <class F>
void Intervals::for_each(F&& f) const {
  if (closed_ != nullptr) f(*closed_);
  if (older_ != nullptr) {
    for (const Open& open : *older_) f(open.figures);
  }
  f(newest_.figures);
}

Series Intervals::total() const {
  Series total;
  for_each([&total](const Series& part) { total.merge(part); });
  return total;
}

std::uint64_t Intervals::count() const {
  std::uint64_t count = 0;
  for_each([&count](const Series& part) { count += part.count(); });
  return count;
}

std::uint64_t Intervals::failed() const {
  std::uint64_t failed = 0;
  for_each([&failed](const Series& part) { failed += part.failed; });
  return failed;
}

}  // namespace weir::aggregator
