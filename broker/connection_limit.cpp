#include "broker/connection_limit.hpp"

#include <algorithm>

namespace weir::broker {

void ConnectionLimit::seen(const OpenConnections& open) {
  open_ = open;
  unseen_ = 0;
}

bool ConnectionLimit::admit(Clock::time_point now) {
  if (max_ == 0) return true;
  while (!admitted_.empty() && now - admitted_.front() > handshake_) admitted_.pop_front();
  const std::size_t young = std::min(open_.young + unseen_, admitted_.size());
  if (open_.settled + young >= max_) return false;
  ++unseen_;
  if (admitted_.size() >= max_) admitted_.pop_front();
  admitted_.push_back(now);
  return true;
}

}  // namespace weir::broker
