#pragma once

#include "aggregator/run.hpp"
#include "schema/message.hpp"

namespace weir::broker {

// Gets every message that was applied to a run. A hit may still wait there: applied.find_label().
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void accept(const aggregator::Run& run, const schema::Message& message,
                      const aggregator::Applied& applied, schema::Timestamp now) = 0;
};

}  // namespace weir::broker
