#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "aggregator/series.hpp"
#include "schema/time.hpp"

namespace weir::aggregator {

using Second = std::chrono::sys_seconds;

inline Second second_of(schema::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

// How long a second stays open in memory for hits that come late.
inline constexpr std::chrono::seconds kOpenSeconds{10};
// The length of a label's stored intervals.
inline constexpr std::chrono::seconds kLabelWindow{10};

struct ClosedInterval {
  Second start;
  std::optional<std::int64_t> users;
  Series figures;
};

// Series of consecutive intervals of one length. The newest are open; closing folds them into the
// total and gives them back to be stored. A hit for a closed interval goes into the total at once
// and into an addition to the stored row.
class Intervals {
 public:
  explicit Intervals(std::chrono::seconds length) : length_(length) {}

  // Returns false if that interval is closed: the caller then keeps `sample` for the store.
  bool record(Second second, const Sample& sample);
  void note_users(Second second, std::int64_t users);

  // Closes what ended kOpenSeconds before `now`, oldest first. With the largest time it closes
  // everything for good: no interval opens again.
  // Returns whether anything was closed.
  bool close_until(Second now, std::vector<ClosedInterval>& closed);

  // Everything recorded, open and closed.
  Series total() const;
  std::uint64_t count() const;
  std::uint64_t failed() const;

  Second start_of(Second second) const;

 private:
  struct Open {
    Second start;
    std::optional<std::int64_t> users;
    Series figures;
  };
  Open& at(Second start);

  std::chrono::seconds length_;
  Second closed_until_ = Second::min();
  std::vector<Open> open_;  // few; ascending by start
  Series closed_total_;
};

}  // namespace weir::aggregator
