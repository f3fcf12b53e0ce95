#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
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
// sketch. Memory grows with use: inline entries, then a sorted list, then one block of 1,024
// counts per octave touched. The sums hold kMaxCount values.
class Sketch {
 public:
  static constexpr std::int64_t kMaxValue = std::int64_t{24} * 3600 * 1'000'000;
  static constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 53U;
  // Upper edges of buckets: every one of k6's (128 per octave) is one of ours.
  static constexpr std::uint32_t bucket_of(std::uint64_t value);
  static constexpr std::uint64_t upper_edge(std::uint32_t bucket);

  Sketch();
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

  bool operator==(const Sketch& other) const;

 private:
  static constexpr unsigned kOctaveBits = 10;
  static constexpr std::size_t kOctaveBuckets = std::size_t{1} << kOctaveBits;
  static constexpr std::size_t kOctaves = 28;
  static constexpr std::size_t kInlineEntries = 5;
  static constexpr std::size_t kListEntries = 128;
  static constexpr std::uint32_t kChunk = 64;  // buckets that a percentile skips in one step

  // A bucket and its count in one word, so that entries sort by bucket. 0 is no entry.
  using Entry = std::uint64_t;
  static constexpr unsigned kEntryCountBits = 48;
  static constexpr std::uint64_t kEntryCountMax = (std::uint64_t{1} << kEntryCountBits) - 1;
  static constexpr std::uint32_t entry_bucket(Entry entry) {
    return static_cast<std::uint32_t>(entry >> kEntryCountBits);
  }
  static constexpr std::uint64_t entry_count(Entry entry) { return entry & kEntryCountMax; }
  static constexpr Entry make_entry(std::uint32_t bucket, std::uint64_t count) {
    return (Entry{bucket} << kEntryCountBits) | count;
  }

  using Inline = std::array<Entry, kInlineEntries>;  // ascending, then zeros
  using List = std::vector<Entry>;                   // ascending
  // Counts by bucket / 1,024; the high halves of 64-bit counts exist only once they are needed.
  using Block = std::array<std::uint32_t, kOctaveBuckets>;
  struct Octaves {
    std::array<std::unique_ptr<Block>, kOctaves> low, high;
    std::uint64_t count_of(std::uint32_t bucket) const {
      const std::size_t octave = bucket >> kOctaveBits;
      const std::size_t place = bucket % kOctaveBuckets;
      if (low[octave] == nullptr) return 0;
      const std::uint64_t high_half = high[octave] == nullptr ? 0 : (*high[octave])[place];
      return (high_half << 32U) | (*low[octave])[place];
    }
    void add(std::uint32_t bucket, std::uint64_t times);
    void add(const Octaves& other);
    static bool add_low(Block& to, const Block& from);
    std::uint64_t chunk_total(std::uint32_t first_bucket) const;
    template <class F>
    void for_each(std::uint32_t octave, F& f) const;
  };

  struct Figures {
    Uint128 sum = 0, sum_squares = 0;
    std::uint64_t count = 0, clamped = 0, negative = 0;
    std::int64_t min = kMaxValue, max = 0;
    bool squares_known = true;
    // The squares of the differences to the mean rounded to an integer, and the (absolute) sum of
    // these differences: exact, and small where the plain sums would cancel. REQUIRES: count > 0.
    struct Centred {
      Uint128 sum_squares, sum;
    };
    Centred centred() const;
  };

  std::int64_t clamp_value(std::int64_t value, std::uint64_t times);
  void add(std::uint32_t bucket, std::uint64_t times);
  void add_to_entries(std::uint32_t bucket, std::uint64_t times);
  void insert_entry(std::size_t place, Entry entry);
  Octaves& widen_to_octaves();
  std::span<const Entry> entries() const;
  class RankSeeker;
  bool extremes_plausible(std::uint64_t min, std::uint64_t max) const;
  bool sums_plausible() const;

  Figures figures_;
  std::variant<Inline, List, std::unique_ptr<Octaves>> tier_;
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

inline void Sketch::record(std::int64_t value, std::uint64_t times) {
  if (times == 0) return;
  if (value < 0 || value > kMaxValue) [[unlikely]]
    value = clamp_value(value, times);
  const auto magnitude = static_cast<std::uint64_t>(value);
  figures_.count += times;
  figures_.sum += Uint128{magnitude} * times;
  figures_.sum_squares += Uint128{magnitude} * magnitude * times;
  figures_.min = std::min(figures_.min, value);
  figures_.max = std::max(figures_.max, value);
  add(bucket_of(magnitude), times);
}

inline void Sketch::add(std::uint32_t bucket, std::uint64_t times) {
  const auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&tier_);
  if (octaves == nullptr) return add_to_entries(bucket, times);
  Block* block = (*octaves)->low[bucket >> kOctaveBits].get();
  if (block != nullptr) [[likely]] {
    std::uint32_t& count = (*block)[bucket % kOctaveBuckets];
    if (times <= ~count) [[likely]] {
      count += static_cast<std::uint32_t>(times);
      return;
    }
  }
  (*octaves)->add(bucket, times);
}

template <class F>
void Sketch::Octaves::for_each(std::uint32_t octave, F& f) const {
  if (low[octave] == nullptr) return;
  const Block& block = *low[octave];
  const Block* high_block = high[octave].get();
  for (std::uint32_t place = 0; place < kOctaveBuckets; ++place) {
    const std::uint64_t high_half = high_block == nullptr ? 0 : (*high_block)[place];
    const std::uint64_t count = (high_half << 32U) | block[place];
    if (count > 0) f((octave << kOctaveBits) + place, count);
  }
}

template <class F>
void Sketch::for_each(F&& f) const {
  const auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&tier_);
  if (octaves == nullptr) {
    for (const Entry entry : entries()) f(entry_bucket(entry), entry_count(entry));
    return;
  }
  const std::uint32_t first = bucket_of(static_cast<std::uint64_t>(figures_.min));
  const std::uint32_t last = bucket_of(static_cast<std::uint64_t>(figures_.max));
  for (std::uint32_t octave = first >> kOctaveBits; octave <= last >> kOctaveBits; ++octave) {
    (*octaves)->for_each(octave, f);
  }
}

}  // namespace weir::schema
