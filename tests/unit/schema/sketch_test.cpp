#include "schema/sketch.hpp"

#include <map>
#include <numeric>

#include <catch2/catch.hpp>

#include "tests/support/sketch_samples.hpp"

using namespace weir::schema;
using weir::test::distributions;
using weir::test::sketch_of;
using weir::test::taken_as;

namespace {

// Percentiles by their definition, from all values.
class Exact {
 public:
  explicit Exact(const std::vector<std::int64_t>& values) : sorted_(taken_as(values)) {
    std::sort(sorted_.begin(), sorted_.end());
  }

  std::int64_t value_at(std::uint64_t ppm) const {
    const std::uint64_t product = sorted_.size() * ppm;
    const std::uint64_t rank = product / 1'000'000 + (product % 1'000'000 == 0 ? 0 : 1);
    return sorted_[std::max(rank, std::uint64_t{1}) - 1];
  }

  Uint128 sum() const {
    Uint128 total = 0;
    for (const auto value : sorted_) total += static_cast<std::uint64_t>(value);
    return total;
  }

  double mean() const { return static_cast<double>(static_cast<long double>(sum()) / size()); }

  double sd() const {
    const long double centre = static_cast<long double>(sum()) / size();
    long double squares = 0;
    for (const auto value : sorted_) {
      squares +=
          (static_cast<long double>(value) - centre) * (static_cast<long double>(value) - centre);
    }
    return static_cast<double>(std::sqrt(squares / size()));
  }

  std::map<std::uint32_t, std::uint64_t> buckets() const {
    std::map<std::uint32_t, std::uint64_t> counts;
    for (const auto value : sorted_) ++counts[Sketch::bucket_of(static_cast<std::uint64_t>(value))];
    return counts;
  }

  const std::vector<std::int64_t>& sorted() const { return sorted_; }

 private:
  long double size() const { return static_cast<long double>(sorted_.size()); }

  std::vector<std::int64_t> sorted_;
};

std::map<std::uint32_t, std::uint64_t> buckets_of(const Sketch& sketch) {
  std::map<std::uint32_t, std::uint64_t> counts;
  std::int64_t previous = -1;
  sketch.for_each([&](std::uint32_t bucket, std::uint64_t count) {
    CHECK(previous < std::int64_t{bucket});
    previous = bucket;
    counts[bucket] = count;
  });
  return counts;
}

static_assert(Sketch::bucket_of(0) == 0 && Sketch::upper_edge(0) == 0);
static_assert(Sketch::bucket_of(2'047) == 2'047 && Sketch::upper_edge(2'047) == 2'047);
static_assert(Sketch::bucket_of(2'048) == 2'048 && Sketch::upper_edge(2'048) == 2'049);
static_assert(Sketch::bucket_of(4'095) == 3'071 && Sketch::bucket_of(4'096) == 3'072);

}  // namespace

TEST_CASE("buckets cover all values without gap, none wider than 0.1 percent", "[schema][sketch]") {
  const std::uint32_t last = Sketch::bucket_of(static_cast<std::uint64_t>(Sketch::kMaxValue));
  std::size_t wrong = 0;
  for (std::uint32_t bucket = 0; bucket <= last; ++bucket) {
    const std::uint64_t upper = Sketch::upper_edge(bucket);
    const std::uint64_t lower = bucket == 0 ? 0 : Sketch::upper_edge(bucket - 1) + 1;
    const bool contiguous = Sketch::bucket_of(upper) == bucket &&
                            Sketch::bucket_of(lower) == bucket &&
                            Sketch::bucket_of(upper + 1) == bucket + 1;
    const bool narrow = (upper - lower) * 1'000 <= lower;
    if (!contiguous || !narrow) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("every upper edge of a k6 histogram is an upper edge here", "[schema][sketch]") {
  // k6 has 128 buckets per power of two: below 256 a value is its own bucket; above, the value
  // loses all but its 8 highest bits.
  const auto k6_upper_edge = [](std::uint64_t value) {
    if (value < 256) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 8;
    return (((value >> shift) + 1) << shift) - 1;
  };
  std::size_t edges = 0;
  std::size_t missing = 0;
  for (std::uint64_t edge = 0; edge <= Sketch::kMaxValue; edge = k6_upper_edge(edge + 1)) {
    ++edges;
    if (Sketch::upper_edge(Sketch::bucket_of(edge)) != edge) ++missing;
  }
  CHECK(missing == 0);
  CHECK(edges > 3'800);
}

TEST_CASE("percentiles are the nearest rank or at most 0.1 percent above", "[schema][sketch]") {
  std::vector<std::uint32_t> ppms;
  for (std::uint32_t ppm = 0; ppm <= 1'000'000; ppm += 100) ppms.push_back(ppm);
  std::vector<std::int64_t> values(ppms.size());
  for (const std::size_t size :
       std::initializer_list<std::size_t>{1, 2, 3, 4, 5, 6, 7, 10, 100, 129, 1'000, 99'999}) {
    for (const auto& sample : distributions(size, size)) {
      INFO(sample.name << " " << size);
      const Exact exact{sample.values};
      const Sketch sketch = sketch_of(sample.values);
      sketch.values_at(ppms, values);
      std::size_t below = 0, above = 0;
      for (std::size_t i = 0; i < ppms.size(); ++i) {
        const std::int64_t truth = exact.value_at(ppms[i]);
        if (values[i] < truth) ++below;
        if (values[i] * 1'000 > truth * 1'001) ++above;
      }
      CHECK(below == 0);
      CHECK(above == 0);
      CHECK(values.back() == exact.sorted().back());
    }
  }
}

TEST_CASE("percentiles below 2,048 are exact", "[schema][sketch]") {
  std::vector<std::int64_t> all(2'048);
  std::iota(all.begin(), all.end(), 0);
  const Sketch sketch = sketch_of(all);
  const Exact exact{all};
  std::size_t wrong = 0;
  for (std::uint32_t ppm = 0; ppm <= 1'000'000; ppm += 100) {
    if (sketch.value_at(ppm) != exact.value_at(ppm)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("one percentile is the same as several at once", "[schema][sketch]") {
  for (const auto& sample : distributions(5'000, 3)) {
    INFO(sample.name);
    const Sketch sketch = sketch_of(sample.values);
    const std::vector<std::uint32_t> ppms{0, 0, 1, 500'000, 500'000, 900'000, 999'999, 1'000'000};
    std::vector<std::int64_t> values(ppms.size());
    sketch.values_at(ppms, values);
    for (std::size_t i = 0; i < ppms.size(); ++i) CHECK(sketch.value_at(ppms[i]) == values[i]);
    sketch.values_at({}, {});
  }
}

TEST_CASE("ranks round up, and neither by a double nor by 64 bits", "[schema][sketch]") {
  Sketch sketch;
  sketch.record(1, 999);
  sketch.record(2, 1);
  CHECK(sketch.value_at(999'000) == 1);
  CHECK(sketch.value_at(999'001) == 2);
  Sketch huge;
  huge.record(1, std::uint64_t{1} << 52U);
  huge.record(2, std::uint64_t{1} << 52U);
  CHECK(huge.value_at(500'000) == 1);
  CHECK(huge.value_at(500'001) == 2);
}

TEST_CASE("count, sum, min, max, mean and sd are exact", "[schema][sketch]") {
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 2, 5, 6, 200, 50'000}) {
    for (const auto& sample : distributions(size, size + 1)) {
      INFO(sample.name << " " << size);
      const Exact exact{sample.values};
      const Sketch sketch = sketch_of(sample.values);
      CHECK(sketch.count() == size);
      CHECK(bool(sketch.sum() == exact.sum()));
      CHECK(sketch.min() == exact.sorted().front());
      CHECK(sketch.max() == exact.sorted().back());
      CHECK(*sketch.mean() == Approx(exact.mean()).epsilon(1e-15));
      CHECK(*sketch.sd() == Approx(exact.sd()).epsilon(1e-12));
      CHECK(buckets_of(sketch) == exact.buckets());
    }
  }
}

TEST_CASE("the deviation of equal values is exactly 0", "[schema][sketch]") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1}, std::int64_t{86'399'999'999},
                                   Sketch::kMaxValue, std::int64_t{123'456'789}}) {
    for (const std::uint64_t times : {1ULL, 3ULL, 1'000'000'007ULL, 1ULL << 53U}) {
      Sketch sketch;
      sketch.record(value, times);
      CHECK(sketch.sd() == 0.0);
      CHECK(sketch.mean() == static_cast<double>(value));
    }
  }
}

TEST_CASE("a deviation of a microsecond around a day is not lost", "[schema][sketch]") {
  Sketch half;
  half.record(Sketch::kMaxValue, 1'000'000'000);
  half.record(Sketch::kMaxValue - 1, 1'000'000'000);
  CHECK(half.sd() == 0.5);
  Sketch rare;
  rare.record(Sketch::kMaxValue - 1, 999'999'999'999);
  rare.record(Sketch::kMaxValue, 1);
  CHECK(*rare.sd() == Approx(1e-6).epsilon(1e-11));
  Sketch apart;
  apart.record(0, std::uint64_t{1} << 52U);
  apart.record(Sketch::kMaxValue, std::uint64_t{1} << 52U);
  CHECK(apart.sd() == static_cast<double>(Sketch::kMaxValue) / 2);
}

TEST_CASE("a sketch without values has no figures", "[schema][sketch]") {
  const Sketch sketch;
  CHECK(sketch.count() == 0);
  CHECK(bool(sketch.sum() == 0));
  CHECK_FALSE(sketch.min().has_value());
  CHECK_FALSE(sketch.max().has_value());
  CHECK_FALSE(sketch.mean().has_value());
  CHECK_FALSE(sketch.sd().has_value());
  CHECK_FALSE(sketch.value_at(500'000).has_value());
  CHECK(buckets_of(sketch).empty());
  Sketch nothing;
  nothing.record(5, 0);
  nothing.record(-5, 0);
  CHECK(nothing == sketch);
}

TEST_CASE("a true zero is a value", "[schema][sketch]") {
  Sketch sketch;
  sketch.record(0);
  CHECK(sketch.count() == 1);
  CHECK(sketch.min() == 0);
  CHECK(sketch.max() == 0);
  CHECK(sketch.value_at(500'000) == 0);
  CHECK(sketch.negative() == 0);
}

TEST_CASE("values over 24 hours count as 24 hours, negative ones as 0", "[schema][sketch]") {
  Sketch sketch;
  sketch.record(Sketch::kMaxValue);
  CHECK(sketch.clamped() == 0);
  sketch.record(Sketch::kMaxValue + 1);
  sketch.record(INT64_MAX, 3);
  CHECK(sketch.clamped() == 4);
  CHECK(sketch.count() == 5);
  CHECK(sketch.min() == Sketch::kMaxValue);
  CHECK(sketch.max() == Sketch::kMaxValue);
  CHECK(bool(sketch.sum() == Uint128{5} * static_cast<std::uint64_t>(Sketch::kMaxValue)));
  CHECK(sketch.sd() == 0.0);
  sketch.record(-1);
  sketch.record(INT64_MIN, 2);
  CHECK(sketch.negative() == 3);
  CHECK(sketch.count() == 8);
  CHECK(sketch.min() == 0);
  CHECK(sketch.value_at(375'000) == 0);
  CHECK(sketch.value_at(375'001) == Sketch::kMaxValue);
}
