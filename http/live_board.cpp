#include "http/live_board.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/live_json.hpp"

namespace weir::http {
namespace {

constexpr std::string_view kRuns = "runs/";

bool has_one_of(std::string_view topic, const std::vector<std::string>& prefixes) {
  return prefixes.empty() || std::ranges::any_of(prefixes, [topic](const std::string& prefix) {
           return topic.starts_with(prefix);
         });
}

std::string type_of(std::string_view topic) {
  return std::string{topic.substr(0, topic.find('/'))};
}

// The run_id in a topic of one run; empty for the other topics.
std::string_view run_of(std::string_view topic) {
  const auto slash = topic.find('/');
  return slash + 1 < topic.size() ? topic.substr(slash + 1) : std::string_view{};
}

Text shared(std::string_view text) { return std::make_shared<const std::string>(text); }

}  // namespace

LiveBoard::Topic& LiveBoard::put(std::string_view topic, Text json) {
  auto found = topics_.find(topic);
  if (found == topics_.end()) found = topics_.emplace(std::string{topic}, Topic{}).first;
  Topic& place = found->second;
  by_version_.erase(place.version);
  place.version = ++version_;
  place.json = std::move(json);
  by_version_.emplace(place.version, found);
  return place;
}

void LiveBoard::put(std::vector<LiveMessage> messages, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  last_put_ = now;
  for (LiveMessage& message : messages) {
    if (message.json == nullptr) {
      const auto over = topics_.find(message.topic);
      if (over == topics_.end()) continue;
      by_version_.erase(over->second.version);
      topics_.erase(over);
      continue;
    }
    Topic& topic = put(message.topic, std::move(message.json));
    if (message.summary == nullptr) continue;
    topic.summary = std::move(message.summary);
    if (!topic.summary->last) continue;
    topic.recent.push_back({topic.summary->time, topic.summary->users, *topic.summary->last});
    if (topic.recent.size() > kRecentTicks) topic.recent.pop_front();
    topic.recent_json = nullptr;
  }
  put_runs();
}

// Active runs, and those whose end is not known yet to who only looks here.
void LiveBoard::put_runs() {
  const auto before = topics_.find(kRuns);
  const Version seen = before == topics_.end() ? 0 : before->second.version;
  std::vector<SummaryRef> runs;
  for (const auto& [name, topic] : topics_) {
    if (topic.summary != nullptr && (!topic.summary->final || topic.version > seen)) {
      runs.push_back(topic.summary);
    }
  }
  std::ranges::sort(runs, std::greater{}, [](const SummaryRef& run) { return run->number; });
  put(kRuns, std::make_shared<const std::string>(runs_message_json(runs, ++runs_seq_)));
}

std::optional<LiveBoard::Next> LiveBoard::next(const std::vector<std::string>& prefixes,
                                               Version seen) const {
  const std::lock_guard lock{mutex_};
  for (auto entry = by_version_.upper_bound(seen); entry != by_version_.end(); ++entry) {
    const auto& [name, topic] = *entry->second;
    if (has_one_of(name, prefixes)) return Next{topic.version, type_of(name), topic.json};
  }
  return std::nullopt;
}

LiveBoard::Snapshot LiveBoard::snapshot(const std::vector<std::string>& prefixes,
                                        schema::Timestamp now) const {
  static const Text middle = shared(R"(],"recent":{)");
  static const Text end = shared("}}");
  static const Text comma = shared(",");
  const std::lock_guard lock{mutex_};
  Snapshot all{
      version_,
      {shared(R"({"type":"snapshot","time":")" + schema::format_time(now) + R"(","messages":[)")}};
  bool is_first = true;
  const auto add = [&](Text part) {
    if (!std::exchange(is_first, false)) all.parts.push_back(comma);
    all.parts.push_back(std::move(part));
  };
  for (const auto& [name, topic] : topics_) {
    if (has_one_of(name, prefixes)) add(topic.json);
  }
  all.parts.push_back(middle);
  is_first = true;
  for (const auto& [name, topic] : topics_) {
    if (topic.recent.empty()) continue;
    // Of the runs that are asked for by name, or in short.
    const std::string events = "run/" + std::string{run_of(name)} + "/";
    const bool is_listed = !topic.summary->final && has_one_of(kRuns, prefixes);
    if (has_one_of(name, prefixes) || has_one_of(events, prefixes) || is_listed) {
      add(recent_of(topic));
    }
  }
  all.parts.push_back(end);
  return all;
}

Text LiveBoard::recent_of(const Topic& topic) const {
  if (topic.recent_json == nullptr) {
    topic.recent_json =
        std::make_shared<const std::string>(recent_json(topic.summary->run_id, topic.recent));
  }
  return topic.recent_json;
}

Text LiveBoard::newest(std::string_view topic) const {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : found->second.json;
}

std::vector<SummaryRef> LiveBoard::summaries() const {
  const std::lock_guard lock{mutex_};
  std::vector<SummaryRef> all;
  for (const auto& [name, topic] : topics_) {
    if (topic.summary != nullptr) all.push_back(topic.summary);
  }
  std::ranges::sort(all, {}, [](const SummaryRef& run) { return run->number; });
  return all;
}

SummaryRef LiveBoard::summary_of(std::string_view run) const {
  const std::vector<SummaryRef> all = summaries();
  const auto named = std::ranges::find(
      all, run, [](const SummaryRef& of) { return std::string_view{of->run_id}; });
  if (named != all.end()) return *named;
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(run.data(), run.data() + run.size(), number);
  if (error != std::errc{} || stop != run.data() + run.size()) return nullptr;
  const auto numbered =
      std::ranges::find(all, number, [](const SummaryRef& of) { return of->number; });
  return numbered == all.end() ? nullptr : *numbered;
}

std::optional<LiveBoard::Clock::time_point> LiveBoard::last_put() const {
  const std::lock_guard lock{mutex_};
  return last_put_;
}

}  // namespace weir::http
