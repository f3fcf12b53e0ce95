#include "aggregator/intervals.hpp"

#include <algorithm>

namespace weir::aggregator {

Second Intervals::start_of(Second second) const {
  const std::chrono::seconds since = second.time_since_epoch();
  const std::chrono::seconds past = since % length_;
  return Second{since - past -
                (past < std::chrono::seconds{0} ? length_ : std::chrono::seconds{0})};
}

Intervals::Open& Intervals::at(Second start) {
  // The newest interval is the usual one.
  auto place = open_.end();
  while (place != open_.begin() && std::prev(place)->start > start) --place;
  if (place != open_.begin() && std::prev(place)->start == start) return *std::prev(place);
  return *open_.insert(place, Open{.start = start, .users = {}, .figures = {}});
}

bool Intervals::record(Second second, const Sample& sample) {
  const Second start = start_of(second);
  if (is_closed(start)) {
    closed_total_.record(sample);
    return false;
  }
  at(start).figures.record(sample);
  return true;
}

void Intervals::note_users(Second second, std::int64_t users) {
  const Second start = start_of(second);
  if (is_closed(start)) return;
  Open& open = at(start);
  open.users = std::max(open.users.value_or(0), users);
}

bool Intervals::close_until(Second now, std::vector<ClosedInterval>& closed) {
  const bool all = now == Second::max();
  std::size_t ended = 0;
  while (ended < open_.size() && (all || open_[ended].start + length_ + kOpenSeconds <= now)) {
    Open& open = open_[ended++];
    closed_total_.merge(open.figures);
    closed_until_ = open.start + length_;
    closed.push_back({open.start, open.users, std::move(open.figures)});
  }
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(ended));
  shut_ = shut_ || all;
  if (!all) closed_until_ = std::max(closed_until_, start_of(now - kOpenSeconds));
  return ended > 0;
}

Series Intervals::total() const {
  Series total = closed_total_;
  for (const Open& open : open_) total.merge(open.figures);
  return total;
}

std::uint64_t Intervals::count() const {
  std::uint64_t count = closed_total_.count();
  for (const Open& open : open_) count += open.figures.count();
  return count;
}

std::uint64_t Intervals::failed() const {
  std::uint64_t failed = closed_total_.failed;
  for (const Open& open : open_) failed += open.figures.failed;
  return failed;
}

}  // namespace weir::aggregator
