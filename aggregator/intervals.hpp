#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
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

// Which of the consecutive intervals of one length take hits: one clock serves many Intervals.
class IntervalClock {
 public:
  explicit IntervalClock(std::chrono::seconds length) : length_(length) {}

  Second start_of(Second second) const;
  // Whether a second lies in the interval that begins at `start`; without a division.
  bool is_in(Second second, Second start) const {
    return second >= start && second - start < length_;
  }
  bool is_closed(Second start) const { return shut_ || start < closed_until_; }

  // Closes what ended kOpenSeconds before `now`. With the largest time everything is closed, and no
  // interval opens until reopen(). Returns whether there is more to be closed than before.
  bool advance(Second now);
  // Those that open now are later than `start`, which was closed with everything.
  void note_closed(Second start) { closed_until_ = std::max(closed_until_, start + length_); }
  // Intervals after the last one that was closed may open again; hits for those before stay
  // additions to the stored rows.
  void reopen() { shut_ = false; }
  bool is_shut() const { return shut_; }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(closed_until_, shut_);
  }

 private:
  std::chrono::seconds length_;
  Second closed_until_ = Second::min();
  bool shut_ = false;  // the later ones are closed too
};

// A series in consecutive intervals. The newest are open; closing folds them into the total and
// gives them back to be stored. A hit for a closed interval goes into the total at once and into an
// addition to the stored row. Small while it has one open interval with few hits.
class Intervals {
 public:
  // Returns false if that interval is closed: the caller then keeps `sample` for the store.
  bool record(const IntervalClock& clock, Second second, const Sample& sample);
  void note_users(const IntervalClock& clock, Second second, std::int64_t users);

  // Closes what the clock says is closed, oldest first, and appends it to `closed`. Returns whether
  // anything was. Until it is called such intervals are open, but get no more hits.
  bool close(IntervalClock& clock, std::vector<ClosedInterval>& closed);
  bool has_to_close(const IntervalClock& clock) const;

  // Everything recorded, open and closed.
  Series total() const;
  std::uint64_t count() const;
  std::uint64_t failed() const;

  // The figures that a hit of now is most likely added to.
  const Series& newest() const { return newest_.figures; }

  template <class Archive>
  void save(Archive& archive) const {
    archive(total_of_closed(), older_ == nullptr ? std::vector<Open>{} : *older_,
            is_open() ? newest_ : Open{});
  }
  template <class Archive>
  void load(Archive& archive) {
    Series closed;
    std::vector<Open> older;
    archive(closed, older, newest_);
    closed_.reset();
    if (closed.count() > 0) this->closed() = std::move(closed);
    older_ = older.empty() ? nullptr : std::make_unique<std::vector<Open>>(std::move(older));
  }

 private:
  static constexpr Second kNone = Second::min();
  // In place of a start: nothing is open, and these figures are the total of what was closed.
  static constexpr Second kAllClosed = kNone + std::chrono::seconds{1};
  static constexpr std::int64_t kNoUsers = -1;
  struct Open {
    Second start = kNone;
    std::int64_t users = kNoUsers;
    Series figures;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(start, users, figures);
    }
  };
  Open& at(Second start);
  bool is_open() const { return newest_.start > kAllClosed; }
  void close(Open& open, IntervalClock& clock, std::vector<ClosedInterval>& closed);
  Series total_of_closed() const;
  Series& closed();
  template <class F>
  void for_each(F&& f) const;

  Open newest_;
  std::unique_ptr<std::vector<Open>> older_;  // few; ascending by start
  std::unique_ptr<Series> closed_;            // their total
};

}  // namespace weir::aggregator
