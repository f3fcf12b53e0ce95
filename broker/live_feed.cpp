#include "broker/live_feed.hpp"

#include <utility>

#include "broker/bind.hpp"

namespace weir::broker {
namespace {

// Subscriptions read in one turn of the core; the rest waits for the next.
constexpr int kSubscriptionsPerTurn = 256;

// Different prefixes remembered until they are answered; more stand for everything.
constexpr std::size_t kPrefixesMax = 256;

// How long final summaries may take to leave the process at its end.
constexpr int kLingerMs = 500;

}  // namespace

LiveFeed::LiveFeed(zmq::context_t& context, const FeedConfig& config, const SocketGuard& guard)
    : socket_(context, zmq::socket_type::xpub) {
  socket_.set(zmq::sockopt::sndhwm, config.sndhwm);
  socket_.set(zmq::sockopt::linger, kLingerMs);
  // Every subscription is passed on, not just the first of a topic.
  socket_.set(zmq::sockopt::xpub_verbose, 1);
  guard.protect(socket_, "feed");
  limit_subscribers(socket_);
  endpoint_ = bind_socket(socket_, config.endpoint);
}

LiveFeed::Text LiveFeed::publish(std::string_view topic,
                                 const std::function<std::string(std::uint64_t)>& make) {
  auto found = last_.find(topic);
  if (found == last_.end()) found = last_.emplace(std::string(topic), Last{}).first;
  Last& last = found->second;
  last.json = std::make_shared<const std::string>(make(++last.seq));
  send(topic, *last.json);
  return last.json;
}

void LiveFeed::send(std::string_view topic, const std::string& json) {
  socket_.send(zmq::buffer(topic), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
  socket_.send(zmq::buffer(json), zmq::send_flags::dontwait);
}

void LiveFeed::read_subscriptions() {
  zmq::message_t frame;
  for (int i = 0; i < kSubscriptionsPerTurn; ++i) {
    if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return;
    const std::string_view text = frame.to_string_view();
    if (text.empty() || text.front() != '\1') continue;
    if (asked_.size() >= kPrefixesMax) asked_ = {std::string{}};  // everything
    asked_.emplace(text.substr(1));
  }
}

void LiveFeed::answer_subscriptions(Clock::time_point now) {
  read_subscriptions();
  if (asked_.empty() || now < answered_ + kAnswerEvery) return;
  answered_ = now;
  for (const std::string& prefix : asked_) {
    for (auto topic = last_.lower_bound(prefix);
         topic != last_.end() && topic->first.starts_with(prefix); ++topic) {
      topic->second.asked = true;
    }
  }
  asked_.clear();
  for (auto& [topic, last] : last_) {
    if (std::exchange(last.asked, false)) send(topic, *last.json);
  }
}

std::optional<LiveFeed::Clock::time_point> LiveFeed::next_answer() const {
  if (asked_.empty()) return std::nullopt;
  return answered_ + kAnswerEvery;
}

void LiveFeed::forget(std::string_view topic) {
  if (const auto found = last_.find(topic); found != last_.end()) last_.erase(found);
}

}  // namespace weir::broker
