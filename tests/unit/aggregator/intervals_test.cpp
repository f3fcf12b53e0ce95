#include "aggregator/intervals.hpp"

#include <map>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

namespace weir::aggregator {
namespace {

using namespace std::chrono_literals;

constexpr Second kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} +
                       std::chrono::hours{12}};

// Intervals with a clock of their own.
class Timed {
 public:
  explicit Timed(std::chrono::seconds length) : clock_(length) {}
  bool record(Second second, const Sample& sample) {
    return intervals_.record(clock_, second, sample);
  }
  void note_users(Second second, std::int64_t users) {
    intervals_.note_users(clock_, second, users);
  }
  bool close_until(Second now, std::vector<ClosedInterval>& closed) {
    clock_.advance(now);
    return intervals_.close(clock_, closed);
  }
  void reopen() { clock_.reopen(); }
  Second start_of(Second second) const { return clock_.start_of(second); }
  Series total() const { return intervals_.total(); }
  std::uint64_t count() const { return intervals_.count(); }
  std::uint64_t failed() const { return intervals_.failed(); }

 private:
  IntervalClock clock_;
  Intervals intervals_;
};

Sample sample(std::int64_t elapsed_us, bool failed = false) {
  return {.elapsed_us = elapsed_us, .failed = failed, .bytes_sent = {}, .bytes_received = {}};
}

TEST_CASE("nothing recorded is an empty total", "[aggregator][intervals]") {
  Timed intervals{1s};
  std::vector<ClosedInterval> closed;
  CHECK_FALSE(intervals.close_until(kNoon, closed));
  CHECK_FALSE(intervals.close_until(Second::max(), closed));
  CHECK(closed.empty());
  CHECK(intervals.total().count() == 0);
  CHECK(intervals.count() == 0);
}

TEST_CASE("a second stays open for ten seconds after its end", "[aggregator][intervals]") {
  Timed intervals{1s};
  std::vector<ClosedInterval> closed;
  CHECK(intervals.record(kNoon, sample(1)));
  CHECK_FALSE(intervals.close_until(kNoon + 10s, closed));
  CHECK(intervals.record(kNoon, sample(2)));
  CHECK(intervals.close_until(kNoon + 11s, closed));
  CHECK_FALSE(intervals.record(kNoon, sample(3)));
  CHECK(intervals.record(kNoon + 1s, sample(4)));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].start == kNoon);
  CHECK(closed[0].figures.count() == 2);
  CHECK(intervals.count() == 4);
  CHECK(intervals.total().elapsed.sum() == 10);
}

TEST_CASE("a second without hits closes as well", "[aggregator][intervals]") {
  Timed intervals{1s};
  std::vector<ClosedInterval> closed;
  intervals.close_until(kNoon + 11s, closed);
  CHECK_FALSE(intervals.record(kNoon, sample(1)));
  CHECK(intervals.record(kNoon + 1s, sample(1)));
  CHECK(intervals.count() == 2);
}

TEST_CASE("after everything was closed nothing opens again", "[aggregator][intervals]") {
  Timed intervals{1s};
  std::vector<ClosedInterval> closed;
  intervals.record(kNoon, sample(1));
  CHECK(intervals.close_until(Second::max(), closed));
  CHECK_FALSE(intervals.record(kNoon, sample(2)));
  CHECK_FALSE(intervals.record(kNoon + 1h, sample(3)));
  intervals.note_users(kNoon + 1h, 5);
  CHECK_FALSE(intervals.close_until(Second::max(), closed));
  CHECK(closed.size() == 1);
  CHECK(intervals.count() == 3);
}

TEST_CASE("after reopening, intervals after the last closed one open again",
          "[aggregator][intervals]") {
  Timed intervals{10s};
  std::vector<ClosedInterval> closed;
  intervals.record(kNoon, sample(1));
  intervals.record(kNoon + 12s, sample(2));
  intervals.close_until(Second::max(), closed);
  intervals.reopen();
  CHECK_FALSE(intervals.record(kNoon + 9s, sample(3)));
  CHECK_FALSE(intervals.record(kNoon + 19s, sample(4)));
  CHECK(intervals.record(kNoon + 20s, sample(5)));
  CHECK(intervals.count() == 5);
  closed.clear();
  CHECK(intervals.close_until(kNoon + 40s, closed));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].start == kNoon + 20s);
  CHECK(intervals.total().elapsed.sum() == 15);
}

TEST_CASE("intervals start at multiples of their length", "[aggregator][intervals]") {
  const Timed windows{10s};
  CHECK(windows.start_of(kNoon) == kNoon);
  CHECK(windows.start_of(kNoon + 9s) == kNoon);
  CHECK(windows.start_of(kNoon + 10s) == kNoon + 10s);
  CHECK(windows.start_of(Second{-1s}) == Second{-10s});
  CHECK(windows.start_of(Second{-10s}) == Second{-10s});
}

TEST_CASE("a window of ten seconds closes ten seconds after its end", "[aggregator][intervals]") {
  Timed windows{10s};
  std::vector<ClosedInterval> closed;
  windows.record(kNoon + 3s, sample(1));
  CHECK_FALSE(windows.close_until(kNoon + 19s, closed));
  CHECK(windows.record(kNoon, sample(1)));
  CHECK(windows.close_until(kNoon + 20s, closed));
  CHECK_FALSE(windows.record(kNoon + 9s, sample(1)));
  CHECK(windows.record(kNoon + 10s, sample(1)));
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].start == kNoon);
  CHECK(closed[0].figures.count() == 2);
}

TEST_CASE("users of an interval are the most that were noted in it", "[aggregator][intervals]") {
  Timed intervals{1s};
  std::vector<ClosedInterval> closed;
  intervals.note_users(kNoon, 3);
  intervals.note_users(kNoon, 7);
  intervals.note_users(kNoon, 5);
  intervals.note_users(kNoon + 1s, 0);
  intervals.record(kNoon + 2s, sample(1));
  intervals.close_until(Second::max(), closed);
  REQUIRE(closed.size() == 3);
  CHECK(closed[0].users == 7);
  CHECK(closed[1].users == 0);
  CHECK_FALSE(closed[2].users);
}

TEST_CASE("a clock that goes back closes nothing twice", "[aggregator][intervals]") {
  Timed intervals{1s};
  std::vector<ClosedInterval> closed;
  intervals.record(kNoon, sample(1));
  intervals.close_until(kNoon + 60s, closed);
  CHECK_FALSE(intervals.close_until(kNoon - 60s, closed));
  CHECK_FALSE(intervals.record(kNoon, sample(1)));
  CHECK(closed.size() == 1);
  CHECK(intervals.count() == 2);
}

TEST_CASE("closed intervals and refused samples together are the total",
          "[aggregator][intervals]") {
  for (const std::chrono::seconds length : {1s, 10s}) {
    std::mt19937_64 random{static_cast<std::uint64_t>(length.count())};
    Timed intervals{length};
    std::map<Second, Series> expected, got;
    Series whole, refused;
    std::vector<ClosedInterval> closed;
    for (int i = 0; i < 20'000; ++i) {
      const Second now = kNoon + std::chrono::seconds{i / 100};
      const Second second = now - std::chrono::seconds{static_cast<int>(random() % 40) - 10};
      const Sample drawn{
          static_cast<std::int64_t>(random() % 5'000'000),
          random() % 9 == 0,
          random() % 2 == 0 ? std::optional<std::int64_t>{random() % 999} : std::nullopt,
          {}};
      whole.record(drawn);
      expected[intervals.start_of(second)].record(drawn);
      if (!intervals.record(second, drawn)) got[intervals.start_of(second)].record(drawn);
      if (i % 100 == 99) intervals.close_until(now, closed);
    }
    intervals.close_until(Second::max(), closed);
    Second before = Second::min();
    for (const ClosedInterval& interval : closed) {
      CHECK(interval.start > before);
      before = interval.start;
      got[interval.start].merge(interval.figures);
    }
    CHECK(intervals.total().elapsed == whole.elapsed);
    CHECK(intervals.total().failed == whole.failed);
    CHECK(intervals.failed() == whole.failed);
    CHECK(intervals.count() == whole.count());
    CHECK(intervals.total().bytes_sent == whole.bytes_sent);
    REQUIRE(got.size() == expected.size());
    for (const auto& [start, series] : expected) {
      CHECK(got.at(start).elapsed == series.elapsed);
      CHECK(got.at(start).failed == series.failed);
      CHECK(got.at(start).bytes_sent == series.bytes_sent);
    }
  }
}

TEST_CASE("bytes stop at the largest number instead of overflowing", "[aggregator][series]") {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  Series series;
  CHECK_FALSE(series.bytes_sent);
  series.record(
      {.elapsed_us = 1, .failed = false, .bytes_sent = kLargest - 1, .bytes_received = 0});
  CHECK(series.bytes_received == 0);
  series.record({.elapsed_us = 1, .failed = false, .bytes_sent = 1, .bytes_received = {}});
  CHECK(series.bytes_sent == kLargest);
  Series other = series;
  other.merge(series);
  CHECK(other.bytes_sent == kLargest);
  CHECK(other.count() == 4);
}

}  // namespace
}  // namespace weir::aggregator
