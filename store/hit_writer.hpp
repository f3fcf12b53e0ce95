#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "schema/record.hpp"
#include "store/run_cache.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Writes the table hits, up to a number of successes and as many failures of a run.
class HitWriter {
 public:
  static schema::Result<HitWriter> prepare(Database& database, std::size_t max_per_run);

  // False if the run has enough of its kind already. REQUIRES: a transaction; `kept` is that of the
  // run, empty if it is not known. Errors: locked, io.
  schema::Result<bool> write(const schema::HitRecord& hit, std::int64_t label_id,
                             std::optional<RunCache::Kept>& kept);

 private:
  schema::Result<RunCache::Kept> count(std::int64_t run);

  Statement insert_, count_;
  std::uint64_t max_per_run_ = 0;
};

}  // namespace weir::store
