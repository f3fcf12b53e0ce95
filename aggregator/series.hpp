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
    bytes_sent.add(sample.bytes_sent);
    bytes_received.add(sample.bytes_received);
  }
};

}  // namespace weir::aggregator
