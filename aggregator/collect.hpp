#pragma once

#include <cstdint>

#include "aggregator/run.hpp"
#include "schema/record.hpp"

namespace weir::aggregator {

// Appends to `batch` what changed in a run since the last call and takes it as stored: closed
// intervals and late hits; and the whole rows of the run, its workers, tests, counters,
// sockets and errors that changed; `all`: unchanged labels too. What waits to be closed is closed.
void collect(Run& run, schema::StoreBatch& batch, bool all);
// The same in pieces: one label, if it changed or `all`; and everything else. What waits to be
// closed waits on.
void collect_label(Run& run, std::uint32_t label, schema::StoreBatch& batch, bool all);
void collect_all_but_labels(Run& run, schema::StoreBatch& batch);

// Takes nothing as stored any more: the next collect() appends every row again. What it appended of
// closed intervals and late hits does not come back.
void collect_again(Run& run);

}  // namespace weir::aggregator
