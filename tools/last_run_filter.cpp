#include "tools/last_run_filter.hpp"

#include <string_view>
#include <utility>

#include "schema/summary_json.hpp"
#include "tools/live_board.hpp"

namespace weir::tools {
namespace {

// "summary/checkout-7/" -> "checkout-7"
std::string_view run_of(std::string_view topic) {
  const std::size_t slash = topic.find('/');
  if (slash == std::string_view::npos) return {};
  topic.remove_prefix(slash + 1);
  if (topic.ends_with('/')) topic.remove_suffix(1);
  return topic;
}

}  // namespace

std::vector<FeedMessage> LastRunFilter::pass(FeedMessage message, Now now) {
  if (!first_) first_ = now;
  if (message.topic.starts_with("summary/") && !is_last(message)) {
    const schema::Result<schema::Summary> summary = schema::summary_from_json(message.body);
    if (summary && (last_.empty() || started_at(*summary) > last_started_)) {
      last_ = run_of(message.topic);
      last_started_ = started_at(*summary);
    }
  }
  std::vector<FeedMessage> out = release(now);
  if (!settled_) {
    if (held_.size() < kHeldMax) held_.push_back(std::move(message));
  } else if (is_last(message)) {
    out.push_back(std::move(message));
  }
  return out;
}

std::vector<FeedMessage> LastRunFilter::release(Now now) {
  std::vector<FeedMessage> out;
  if (settled_ || !first_ || now < *first_ + kSettle) return out;
  settled_ = true;
  for (FeedMessage& message : held_) {
    if (is_last(message)) out.push_back(std::move(message));
  }
  held_.clear();
  return out;
}

std::optional<LastRunFilter::Now> LastRunFilter::due() const {
  if (settled_ || !first_) return std::nullopt;
  return *first_ + kSettle;
}

bool LastRunFilter::is_last(const FeedMessage& message) const {
  return !last_.empty() && run_of(message.topic) == last_;
}

}  // namespace weir::tools
