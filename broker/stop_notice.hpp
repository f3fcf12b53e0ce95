#pragma once

#include <utility>
#include <variant>

#include "broker/message_sink.hpp"

namespace weir::broker {

// Notices that a runner said it is done: whoever started it may look at the results right away, so
// the next tick should not be waited for. Used by the core thread only.
class StopNotice : public MessageSink {
 public:
  void accept(const aggregator::Run&, const schema::Message& message, const aggregator::Applied&,
              schema::Timestamp) override {
    seen_ = seen_ || std::holds_alternative<schema::StopTestRun>(message.body);
  }

  // Whether there was one since the last call.
  bool take() { return std::exchange(seen_, false); }

 private:
  bool seen_ = false;
};

}  // namespace weir::broker
