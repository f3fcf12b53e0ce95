#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "runners/cpp/http_hit.hpp"
#include "schema/sketch.hpp"

namespace weir::runners {

// A request sent this long after it was due counts as late.
inline constexpr schema::Elapsed kLate{1000};

// The sums over all hits of a load test, whatever becomes of the report to the broker.
struct LoadFigures {
  schema::Sketch response_us;
  std::uint64_t failed = 0;
  std::map<int, std::uint64_t> statuses;  // without those that had no answer
  std::map<std::string, std::uint64_t, std::less<>> errors;
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
  std::uint64_t connections = 0;  // opened
  std::uint64_t sent_late = 0;
  schema::Elapsed late_max{0};

  void add(const HttpHit& hit);
  std::uint64_t hits() const { return response_us.count(); }
};

}  // namespace weir::runners
