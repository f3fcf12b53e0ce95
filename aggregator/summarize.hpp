#pragma once

#include <cstddef>

#include "aggregator/run.hpp"
#include "schema/summary.hpp"

namespace weir::aggregator {

struct SummaryLimits {
  std::size_t labels_max = 50;
  std::size_t errors_max = 20;
};

// Derives the figures of a run at one moment. Changes nothing: two calls in a row are equal. The
// caller sets seq.
schema::Summary summarize(const Run& run, schema::Timestamp now, SummaryLimits limits = {});

}  // namespace weir::aggregator
