#pragma once

#include <algorithm>
#include <cstdint>

namespace weir::schema::loads {

// Bounds what is spent on attempts that mostly fail: after a run of failures only every 16th
// attempt is made, until successes have made up for them.
class Allowance {
 public:
  static constexpr std::uint32_t kMost = 32;
  static constexpr std::uint32_t kEvery = 16;

  // Whether to make an attempt now.
  bool allows() { return left_ > 0 || ++refused_ % kEvery == 0; }
  void failed() { left_ -= std::min<std::uint32_t>(left_, 1); }
  void succeeded() { left_ = std::min(left_ + 1, kMost); }

 private:
  std::uint32_t left_ = kMost;
  std::uint32_t refused_ = 0;
};

}  // namespace weir::schema::loads
