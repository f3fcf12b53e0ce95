#include "broker/summary_board.hpp"

#include <utility>

namespace weir::broker {

void SummaryBoard::put(std::string_view topic, std::shared_ptr<const std::string> json,
                       std::shared_ptr<const schema::Summary> summary) {
  if (!on_publish_) return;  // nobody looks
  const std::lock_guard lock{mutex_};
  messages_.insert_or_assign(
      std::string{topic},
      http::LiveMessage{std::string{topic}, std::move(json), std::move(summary)});
}

void SummaryBoard::publish() {
  if (on_publish_) on_publish_();
}

std::vector<http::LiveMessage> SummaryBoard::take() {
  std::map<std::string, http::LiveMessage, std::less<>> taken;
  {
    const std::lock_guard lock{mutex_};
    taken.swap(messages_);
  }
  std::vector<http::LiveMessage> messages;
  messages.reserve(taken.size());
  for (auto& [topic, message] : taken) messages.push_back(std::move(message));
  return messages;
}

}  // namespace weir::broker
