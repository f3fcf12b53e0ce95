#include "broker/inbox.hpp"

#include <limits>
#include <utility>

namespace weir::broker {

std::size_t Inbox::size_of(const http::Order& order) {
  const auto* messages = std::get_if<http::Messages>(&order);
  return sizeof(Entry) + (messages == nullptr ? 0 : messages->body.size());
}

bool Inbox::submit(http::Order order, std::function<void(http::Outcome)> done) {
  const std::size_t bytes = size_of(order);
  bool was_empty = false;
  {
    const std::lock_guard lock{mutex_};
    // One that is larger than the whole bound would never be taken in.
    if (is_closed_ || (bytes_ + bytes > bytes_max_ && !entries_.empty())) return false;
    was_empty = entries_.empty();
    entries_.push_back({std::move(order), std::move(done)});
    bytes_ += bytes;
  }
  if (was_empty) bell_.ring();
  return true;
}

std::deque<Inbox::Entry> Inbox::take(std::size_t bytes) {
  std::deque<Entry> taken;
  const std::lock_guard lock{mutex_};
  std::size_t taken_bytes = 0;
  while (!entries_.empty() && (taken.empty() || taken_bytes < bytes)) {
    taken_bytes += size_of(entries_.front().order);
    taken.push_back(std::move(entries_.front()));
    entries_.pop_front();
  }
  bytes_ -= taken_bytes;
  return taken;
}

bool Inbox::is_empty() const {
  const std::lock_guard lock{mutex_};
  return entries_.empty();
}

void Inbox::close() {
  const std::lock_guard lock{mutex_};
  is_closed_ = true;
}

void Inbox::give_up() {
  close();
  http::Outcome outcome;
  outcome.verdict = http::Outcome::Verdict::later;
  outcome.detail = "the broker stops";
  for (Entry& entry : take(std::numeric_limits<std::size_t>::max())) entry.done(outcome);
}

}  // namespace weir::broker
