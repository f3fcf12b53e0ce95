#pragma once

#include <cstdint>

#include "broker/config.hpp"
#include "broker/recovery.hpp"
#include "store/run_writer.hpp"

namespace weir::broker {

// Reads the journal behind a results file's checkpoint into the file, as a broker that starts
// would, but listens to nobody. Runs that were open stay so, for the next broker. The caller has
// the lock of the data folder. After it nothing in the journal is needed: its torn end is cut, and
// its damaged segments are set aside. Memory: that of a broker. Errors: those of reading the
// journal and of the writer.
schema::Result<Recovery> rebuild_from_journal(const Config& config, store::StoreLock lock);

}  // namespace weir::broker
