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

  template <class Archive>
  void serialize(Archive& archive) {
    archive(start, users, figures);
  }
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
  // everything, and no interval opens until reopen().
  // Returns whether anything was closed.
  bool close_until(Second now, std::vector<ClosedInterval>& closed);
  // Intervals after the last one that was closed may open again; hits for those before stay
  // additions to the stored rows.
  void reopen() { shut_ = false; }

  // Everything recorded, open and closed.
  Series total() const;
  std::uint64_t count() const;
  std::uint64_t failed() const;

  Second start_of(Second second) const;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(closed_until_, shut_, open_, closed_total_);
  }

 private:
  struct Open {
    Second start;
    std::optional<std::int64_t> users;
    Series figures;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(start, users, figures);
    }
  };
  Open& at(Second start);
  bool is_closed(Second start) const { return shut_ || start < closed_until_; }

  std::chrono::seconds length_;
  Second closed_until_ = Second::min();
  bool shut_ = false;       // the later ones are closed too
  std::vector<Open> open_;  // few; ascending by start
  Series closed_total_;
};

}  // namespace weir::aggregator
