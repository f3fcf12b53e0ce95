#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schema/error.hpp"
#include "schema/time.hpp"
#include "store/config.hpp"
#include "store/run_deletion.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Bytes of the file that hold something: pages that deletions freed are used again and do not
// count.
schema::Result<std::uint64_t> bytes_in_use(Database& database);

// What one step of keeping a results file within its settings did.
struct RetentionStep {
  struct Expired {
    std::int64_t run = 0;
    std::string run_id, reason;
  };
  std::optional<Expired> expired;  // a run is gone with this step
  bool more = false;               // there is, or may be, more to delete
  bool stuck = false;              // over max_bytes, and nothing may be deleted
  std::uint64_t bytes_in_use = 0;
};

// Goes on with a deletion that was begun; else looks whether the settings ask for one, and begins.
// At most one step of a RunDeletion. The run that ended first goes first, never a baseline, nor one
// that the broker still knows. Errors: locked, io.
schema::Result<RetentionStep> take_retention_step(Database& database, const StoreConfig& config,
                                                  schema::Timestamp now);

}  // namespace weir::store
