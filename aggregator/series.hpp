#pragma once

#include <cstdint>
#include <optional>

#include "schema/record.hpp"

namespace weir::aggregator {

// What one hit adds to every series it belongs to.
struct Sample {
  std::int64_t elapsed_us = 0;
  bool failed = false;
  std::optional<std::int64_t> bytes_sent, bytes_received;
};

// The figures of a label, a second, a whole run, while hits are added.
struct Series : schema::SeriesRecord {
  std::uint64_t count() const { return elapsed.count(); }

  void record(const Sample& sample) {
    elapsed.record(sample.elapsed_us);
    failed += sample.failed ? 1 : 0;
    schema::add_bytes(bytes_sent, sample.bytes_sent);
    schema::add_bytes(bytes_received, sample.bytes_received);
  }
};

}  // namespace weir::aggregator
