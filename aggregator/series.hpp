#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "schema/record.hpp"
#include "schema/sketch.hpp"

namespace weir::aggregator {

// What one hit adds to every series it belongs to.
struct Sample {
  std::int64_t elapsed_us = 0;
  bool failed = false;
  std::optional<std::int64_t> bytes_sent, bytes_received;
};

// The figures of a set of hits: a label, a second, a whole run. Merging series of any split gives
// the series of the whole. Bytes stop at the largest 64-bit number instead of overflowing.
struct Series {
  schema::Sketch elapsed;
  std::uint64_t failed = 0;
  std::optional<std::int64_t> bytes_sent, bytes_received;

  std::uint64_t count() const { return elapsed.count(); }

  void record(const Sample& sample) {
    elapsed.record(sample.elapsed_us);
    failed += sample.failed ? 1 : 0;
    add(bytes_sent, sample.bytes_sent);
    add(bytes_received, sample.bytes_received);
  }

  void merge(const Series& other) {
    elapsed.merge(other.elapsed);
    failed += other.failed;
    add(bytes_sent, other.bytes_sent);
    add(bytes_received, other.bytes_received);
  }

  schema::SeriesRecord record_of() const { return {elapsed, failed, bytes_sent, bytes_received}; }

 private:
  static void add(std::optional<std::int64_t>& total, const std::optional<std::int64_t>& more) {
    if (!more) return;
    std::int64_t sum = 0;
    const bool overflow = __builtin_add_overflow(total.value_or(0), *more, &sum);
    total = overflow ? std::numeric_limits<std::int64_t>::max() : sum;
  }
};

}  // namespace weir::aggregator
