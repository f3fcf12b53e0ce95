#pragma once

#include "aggregator/run.hpp"
#include "schema/record.hpp"

namespace weir::aggregator {

// With more changed labels than this, label rows are collected only when asked for all.
inline constexpr std::size_t kLabelsEveryTime = 500;

// Appends to `batch` what changed in a run since the last call and takes it as stored: closed
// intervals and late hits; and the whole rows of the run, its workers, tests, counters,
// sockets and errors that changed. When very many labels changed, rows of labels collected before
// are left for when their intervals close, unless `all` is set or the run has ended.
void collect(Run& run, schema::StoreBatch& batch, bool all);

// Takes nothing as stored any more: the next collect() appends every row again. What it appended of
// closed intervals and late hits does not come back.
void collect_again(Run& run);

}  // namespace weir::aggregator
