#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/ports.hpp"

namespace weir::broker {

// From the core to HTTP: the newest message of each topic, and which topics are over. What nobody
// has taken yet is replaced, so that it holds at most a message for each topic.
class SummaryBoard : public http::SummarySource {
 public:
  // Once, before anything is put: is called by publish(), and does not wait.
  void on_publish(std::function<void()> call) { on_publish_ = std::move(call); }

  // By the core.
  void put(std::string_view topic, std::shared_ptr<const std::string> json,
           std::shared_ptr<const schema::Summary> summary = nullptr);
  void remove(std::string_view topic) { put(topic, nullptr); }
  // What was put can be seen.
  void publish();

  std::vector<http::LiveMessage> take() override;

 private:
  std::function<void()> on_publish_;
  std::mutex mutex_;
  std::map<std::string, http::LiveMessage, std::less<>> messages_;
};

}  // namespace weir::broker
