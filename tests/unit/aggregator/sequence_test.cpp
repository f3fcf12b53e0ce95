#include "aggregator/sequence.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

namespace weir::aggregator {
namespace {

constexpr std::size_t kGaps = 1'024;
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

TEST_CASE("numbers in order are all new and none is missing", "[aggregator][sequence]") {
  SequenceTracker tracker;
  for (std::uint64_t seq = 1; seq <= 10'000; ++seq) REQUIRE(tracker.observe(0, seq, kGaps));
  CHECK(tracker.missing() == 0);
  CHECK(tracker.duplicate() == 0);
}

TEST_CASE("a start at 0 is accepted, once", "[aggregator][sequence]") {
  SequenceTracker tracker;
  CHECK(tracker.observe(0, 0, kGaps));
  CHECK(tracker.observe(0, 1, kGaps));
  CHECK_FALSE(tracker.observe(0, 0, kGaps));
  CHECK(tracker.missing() == 0);
  CHECK(tracker.duplicate() == 1);
}

TEST_CASE("any order, loss and repetition is judged like a set of numbers would",
          "[aggregator][sequence]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    std::vector<std::uint64_t> stream;
    for (std::uint64_t seq = 1; seq <= 2'000; ++seq) {
      if (random() % 10 == 0) continue;
      stream.push_back(seq);
      if (random() % 10 == 0) stream.push_back(seq);
    }
    // Displaced by up to 200 places.
    for (std::size_t i = 0; i < stream.size(); ++i) {
      std::swap(stream[i], stream[std::min(stream.size() - 1, i + random() % 200)]);
    }
    SequenceTracker tracker;
    std::map<std::uint64_t, std::set<std::uint64_t>> seen;
    std::uint64_t duplicates = 0;
    for (const std::uint64_t seq : stream) {
      const std::uint64_t epoch = 1 + seq % 3;
      const bool fresh = seen[epoch].insert(seq).second;
      REQUIRE(tracker.observe(epoch, seq, 10 * kGaps) == fresh);
      duplicates += fresh ? 0 : 1;
    }
    std::uint64_t missing = 0;
    for (const auto& [epoch, numbers] : seen) missing += *numbers.rbegin() - numbers.size();
    CHECK(tracker.duplicate() == duplicates);
    CHECK(tracker.missing() == missing);
  }
}

TEST_CASE("beyond the limit of gaps the oldest stays missing", "[aggregator][sequence]") {
  SequenceTracker tracker;
  for (const std::uint64_t seq : {2U, 4U, 6U, 8U}) CHECK(tracker.observe(0, seq, 3));  // 1 3 5 7
  CHECK(tracker.missing() == 4);
  CHECK_FALSE(tracker.observe(0, 1, 3));
  CHECK(tracker.missing() == 4);
  for (const std::uint64_t seq : {3U, 5U, 7U}) CHECK(tracker.observe(0, seq, 3));
  CHECK(tracker.missing() == 1);
  CHECK(tracker.duplicate() == 1);
}

TEST_CASE("a gap split by a number that fills its middle counts twice towards the limit",
          "[aggregator][sequence]") {
  SequenceTracker tracker;
  CHECK(tracker.observe(0, 10, 1));
  CHECK(tracker.observe(0, 5, 1));  // 1..4 is given up for 6..9
  CHECK(tracker.missing() == 8);
  CHECK_FALSE(tracker.observe(0, 4, 1));
  CHECK(tracker.observe(0, 6, 1));
  CHECK(tracker.missing() == 7);
}

TEST_CASE("the limit of gaps holds for all epochs of a worker together", "[aggregator][sequence]") {
  SequenceTracker tracker;
  for (std::uint64_t epoch = 1; epoch <= 4; ++epoch) CHECK(tracker.observe(epoch, 2, 2));
  CHECK(tracker.missing() == 4);
  CHECK_FALSE(tracker.observe(1, 1, 2));
  CHECK_FALSE(tracker.observe(2, 1, 2));
  CHECK(tracker.observe(3, 1, 2));
  CHECK(tracker.observe(4, 1, 2));
  CHECK(tracker.missing() == 2);
}

TEST_CASE("each epoch counts from 1 again", "[aggregator][sequence]") {
  SequenceTracker tracker;
  CHECK(tracker.observe(100, 1, kGaps));
  CHECK(tracker.observe(100, 2, kGaps));
  CHECK(tracker.observe(200, 1, kGaps));
  CHECK_FALSE(tracker.observe(100, 2, kGaps));
  CHECK_FALSE(tracker.observe(200, 1, kGaps));
  CHECK(tracker.observe(200, 3, kGaps));
  CHECK(tracker.missing() == 1);
}

TEST_CASE("the newest epochs are told apart, older ones count as new", "[aggregator][sequence]") {
  SequenceTracker tracker;
  for (std::uint64_t epoch = 1; epoch <= SequenceTracker::kMaxEpochs + 1; ++epoch) {
    CHECK(tracker.observe(epoch, 2, kGaps));
  }
  CHECK(tracker.missing() == SequenceTracker::kMaxEpochs + 1);
  CHECK(tracker.observe(1, 2, kGaps));
  CHECK(tracker.observe(1, 2, kGaps));
  CHECK_FALSE(tracker.observe(2, 2, kGaps));
  CHECK(tracker.missing() == SequenceTracker::kMaxEpochs + 1);
}

TEST_CASE("the largest number is one number like any other", "[aggregator][sequence]") {
  SequenceTracker tracker;
  CHECK(tracker.observe(0, 1, kGaps));
  CHECK(tracker.observe(0, kLargest, kGaps));
  CHECK_FALSE(tracker.observe(0, kLargest, kGaps));
  CHECK_FALSE(tracker.observe(0, 1, kGaps));
  CHECK(tracker.observe(0, kLargest - 1, kGaps));
  CHECK(tracker.observe(0, 2, kGaps));
  CHECK_FALSE(tracker.observe(0, 2, kGaps));
  CHECK(tracker.duplicate() == 3);
}

TEST_CASE("wild numbers make a large count of missing ones, not a wrong one",
          "[aggregator][sequence]") {
  SequenceTracker tracker;
  std::uint64_t before = 0;
  for (std::uint64_t epoch = 1; epoch <= 100; ++epoch) {
    CHECK(tracker.observe(epoch, kLargest, kGaps));
    CHECK(tracker.missing() >= before);
    before = tracker.missing();
  }
  CHECK(before > 1'000'000'000);
  // Those of every worker that may be in memory still add up.
  CHECK(before < kLargest / 1'000'000);
}

}  // namespace
}  // namespace weir::aggregator
