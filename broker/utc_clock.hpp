#pragma once

#include <chrono>

#include "schema/time.hpp"

namespace weir::broker {

inline schema::Timestamp utc_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace weir::broker
