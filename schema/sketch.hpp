#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schema/error.hpp"

namespace weir::schema {

__extension__ typedef unsigned __int128 Uint128;  // NOLINT(modernize-use-using)

// Counts values in log-linear buckets: exact below 2,048, then 1,024 buckets per power of two, so
// a percentile is never below the nearest-rank one and at most 0.1 % above it. Values are whole
// microseconds for durations and 1/1,000 of the unit for anything else, 0 to 24 h; larger ones are
// counted as 24 h and in clamped(), negative ones as 0 and in negative(). Count, sum, sum of
// squares, min and max are exact. A plain value: copy, merge in any order, serialise; equal
// contents give equal bytes (docs/sketch-format.md). Not thread-safe; moving leaves an empty
// sketch. Memory grows with use: 32 bytes hold up to three values as they are; then a body of about
// 350 bytes with a list of the buckets of up to 1,024 values, two bytes each; then one block of
// 1,024 counts (4 KiB) per octave touched. The sums hold kMaxCount values.
class Sketch {
 public:
  static constexpr std::int64_t kMaxValue = std::int64_t{24} * 3600 * 1'000'000;
  static constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 53U;
  // Upper edges of buckets: every one of k6's (128 per octave) is one of ours.
  static constexpr std::uint32_t bucket_of(std::uint64_t value);
  static constexpr std::uint64_t upper_edge(std::uint32_t bucket);

  Sketch() = default;
  ~Sketch();
  Sketch(const Sketch& other);
  Sketch(Sketch&& other) noexcept;
  Sketch& operator=(const Sketch& other);
  Sketch& operator=(Sketch&& other) noexcept;

  void record(std::int64_t value, std::uint64_t times = 1);
  // Adds the contents of another sketch, as if its values had been recorded here.
  void merge(const Sketch& other);
  void clear();
  // Says that squares are unknown from here on (a source that sends histograms only): sd() is then
  // empty, also after merging into anything.
  void forget_squares();

  std::uint64_t count() const;
  std::uint64_t clamped() const;
  std::uint64_t negative() const;
  Uint128 sum() const;
  // Empty without values.
  std::optional<std::int64_t> min() const;
  std::optional<std::int64_t> max() const;
  std::optional<double> mean() const;
  // Population standard deviation.
  std::optional<double> sd() const;

  // Nearest rank: the value at rank max(1, ceil(count * ppm / 1,000,000)), as its bucket's upper
  // edge clamped to [min, max]; ppm is 0 (min) to 1,000,000 (max). Empty without values.
  std::optional<std::int64_t> value_at(std::uint32_t ppm) const;
  // The same for several, in one pass. REQUIRES: ppms ascending, out.size() == ppms.size(),
  // count() > 0.
  void values_at(std::span<const std::uint32_t> ppms, std::span<std::int64_t> out) const;

  // Calls f(bucket, count) for each non-empty bucket, ascending.
  template <class F>
  void for_each(F&& f) const;

  std::string serialise() const;
  // Errors: bad_type (not a sketch, or one of a newer version).
  static Result<Sketch> parse(std::string_view bytes);

  // Bytes of memory held, the object itself included.
  std::size_t memory_bytes() const;

  // Fetches into the cache what recording this value will touch, a step at a time: the second call
  // reads what the first one fetched. For groups of values that go to many sketches. Always inline:
  // GCC takes a function that only prefetches for one that does nothing, and drops its call.
  [[gnu::always_inline]] void prefetch_body(std::int64_t value) const;
  [[gnu::always_inline]] void prefetch_count(std::int64_t value) const;

  bool operator==(const Sketch& other) const;

 private:
  static constexpr unsigned kOctaveBits = 10;
  static constexpr std::size_t kOctaveBuckets = std::size_t{1} << kOctaveBits;
  static constexpr std::size_t kOctaves = 28;
  static constexpr std::size_t kFewValues = 3;
  static constexpr std::size_t kListedValues = 1'024;
  static constexpr std::uint32_t kChunk = 64;  // buckets that a percentile skips in one step

  struct Figures {
    Uint128 sum = 0, sum_squares = 0;
    std::uint64_t count = 0, clamped = 0, negative = 0;
    std::int64_t min = kMaxValue, max = 0;
    bool squares_known = true;
    void add(std::uint64_t value, std::uint64_t times);
    void add(const Figures& other);
    // The squares of the differences to the mean rounded to an integer, and the (absolute) sum of
    // these differences: exact, and small where the plain sums would cancel. REQUIRES: count > 0.
    struct Centred {
      Uint128 sum_squares, sum;
    };
    Centred centred() const;
  };

  // Counts by bucket / 1,024; the high halves of 64-bit counts exist only once they are needed.
  using Block = std::array<std::uint32_t, kOctaveBuckets>;
  using Blocks = std::array<std::unique_ptr<Block>, kOctaves>;
  struct Body {
    Figures figures;
    bool has_octaves = false;
    std::vector<std::uint16_t> list;  // buckets in the order they came; until there are octaves
    Blocks low;
    std::unique_ptr<Blocks> high;

    Body() = default;
    Body(const Body& other);
    void add(std::uint32_t bucket, std::uint64_t times);
    void add_to_list(std::uint32_t bucket, std::uint64_t times);
    void add_to_octaves(std::uint32_t bucket, std::uint64_t times);
    void widen_to_octaves();
    void merge_octaves(const Body& other);
    void merge_octave(std::uint32_t octave, const Body& other);
    const Block* high_of(std::size_t octave) const {
      return high == nullptr ? nullptr : (*high)[octave].get();
    }
    std::vector<std::uint16_t> sorted_list() const;
    std::uint64_t count_of(std::uint32_t bucket) const;
    std::uint64_t chunk_total(std::uint32_t first_bucket) const;
    template <class F>
    void for_each_of(std::uint32_t octave, F& f) const;
  };

  template <class Buckets, class F>
  static void count_runs(const Buckets& ascending, F& f);
  void record_slowly(std::int64_t value, std::uint64_t times);
  bool record_few(std::uint64_t value);
  std::span<const std::uint64_t> few() const;
  Body& widen();
  void shrink();
  Figures figures() const;
  class RankSeeker;
  bool extremes_plausible(std::uint64_t min, std::uint64_t max) const;
  bool sums_plausible() const;

  std::array<std::uint64_t, kFewValues> few_{};  // values + 1, ascending, then zeros
  std::unique_ptr<Body> body_;                   // if there is one, few_ is not used
};

constexpr std::uint32_t Sketch::bucket_of(std::uint64_t value) {
  if (value < 2 * kOctaveBuckets) return static_cast<std::uint32_t>(value);
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kOctaveBits;
  return static_cast<std::uint32_t>((shift << kOctaveBits) + (value >> shift));
}

constexpr std::uint64_t Sketch::upper_edge(std::uint32_t bucket) {
  if (bucket < 2 * kOctaveBuckets) return bucket;
  const std::uint32_t shift = (bucket >> kOctaveBits) - 1;
  const std::uint64_t mantissa = bucket - (std::uint64_t{shift} << kOctaveBits);
  return ((mantissa + 1) << shift) - 1;
}

inline void Sketch::Figures::add(std::uint64_t value, std::uint64_t times) {
  count += times;
  sum += Uint128{value} * times;
  sum_squares += Uint128{value} * value * times;
  min = std::min(min, static_cast<std::int64_t>(value));
  max = std::max(max, static_cast<std::int64_t>(value));
}

inline void Sketch::record(std::int64_t value, std::uint64_t times) {
  if (body_ == nullptr || value < 0 || value > kMaxValue || times == 0) [[unlikely]] {
    return record_slowly(value, times);
  }
  const auto magnitude = static_cast<std::uint64_t>(value);
  body_->figures.add(magnitude, times);
  body_->add(bucket_of(magnitude), times);
}

inline void Sketch::Body::add(std::uint32_t bucket, std::uint64_t times) {
  if (!has_octaves) {
    if (times != 1 || list.size() == list.capacity()) return add_to_list(bucket, times);
    return list.push_back(static_cast<std::uint16_t>(bucket));
  }
  Block* block = low[bucket >> kOctaveBits].get();
  if (block != nullptr) [[likely]] {
    std::uint32_t& count = (*block)[bucket % kOctaveBuckets];
    if (times <= ~count) [[likely]] {
      count += static_cast<std::uint32_t>(times);
      return;
    }
  }
  add_to_octaves(bucket, times);
}

inline void Sketch::prefetch_body(std::int64_t value) const {
  if (body_ == nullptr) return;
  __builtin_prefetch(&body_->figures, 1);
  __builtin_prefetch(&body_->list, 1);
  const auto magnitude = static_cast<std::uint64_t>(std::clamp(value, std::int64_t{0}, kMaxValue));
  __builtin_prefetch(&body_->low[bucket_of(magnitude) >> kOctaveBits]);
}

inline void Sketch::prefetch_count(std::int64_t value) const {
  if (body_ == nullptr) return;
  if (!body_->has_octaves) {
    __builtin_prefetch(body_->list.data() + body_->list.size(), 1);
    return;
  }
  const auto magnitude = static_cast<std::uint64_t>(std::clamp(value, std::int64_t{0}, kMaxValue));
  const std::uint32_t bucket = bucket_of(magnitude);
  const Block* block = body_->low[bucket >> kOctaveBits].get();
  if (block != nullptr) __builtin_prefetch(&(*block)[bucket % kOctaveBuckets], 1);
}

template <class F>
void Sketch::Body::for_each_of(std::uint32_t octave, F& f) const {
  if (low[octave] == nullptr) return;
  const Block& block = *low[octave];
  const Block* high_block = high_of(octave);
  for (std::uint32_t place = 0; place < kOctaveBuckets; ++place) {
    // Most counts are 0: two are looked at in one step.
    std::uint64_t pair = 0;
    std::memcpy(&pair, &block[place & ~1U], sizeof pair);
    if (pair == 0 && high_block == nullptr) {
      place |= 1U;
      continue;
    }
    const std::uint64_t high_half = high_block == nullptr ? 0 : (*high_block)[place];
    const std::uint64_t count = (high_half << 32U) | block[place];
    if (count > 0) f((octave << kOctaveBits) + place, count);
  }
}

template <class Buckets, class F>
void Sketch::count_runs(const Buckets& ascending, F& f) {
  for (std::size_t i = 0; i < ascending.size();) {
    const std::uint32_t bucket = ascending[i];
    std::uint64_t times = 0;
    for (; i < ascending.size() && ascending[i] == bucket; ++i) ++times;
    f(bucket, times);
  }
}

template <class F>
void Sketch::for_each(F&& f) const {
  if (body_ == nullptr) {
    std::array<std::uint32_t, kFewValues> buckets{};
    const std::span<const std::uint64_t> values = few();
    std::ranges::transform(values, buckets.begin(),
                           [](auto value) { return bucket_of(value - 1); });
    return count_runs(std::span{buckets}.first(values.size()), f);
  }
  if (!body_->has_octaves) return count_runs(body_->sorted_list(), f);
  const std::uint32_t first = bucket_of(static_cast<std::uint64_t>(body_->figures.min));
  const std::uint32_t last = bucket_of(static_cast<std::uint64_t>(body_->figures.max));
  for (std::uint32_t octave = first >> kOctaveBits; octave <= last >> kOctaveBits; ++octave) {
    body_->for_each_of(octave, f);
  }
}

}  // namespace weir::schema
