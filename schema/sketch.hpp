#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
// contents give equal bytes (docs/storage.md). Not thread-safe. Memory grows with use: inline
// entries, then a sorted list, then one block of 1,024 counts per octave touched.
class Sketch {
 public:
  static constexpr std::int64_t kMaxValue = std::int64_t{24} * 3600 * 1'000'000;
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
  // The owner of sketch.cpp chooses the representation.
};

}  // namespace weir::schema
