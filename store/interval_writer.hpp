#pragma once

#include <cstdint>

#include "schema/record.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Writes the table intervals: a record of which there is a row already is merged into it.
class IntervalWriter {
 public:
  static schema::Result<IntervalWriter> prepare(Database& database);

  // REQUIRES: a transaction. Errors: locked, io, bad_type (the row's sketch cannot be read).
  schema::Result<void> write(const schema::IntervalRecord& interval, std::int64_t label_id);

 private:
  schema::Result<void> merge(const schema::IntervalRecord& interval, std::int64_t label_id);

  Statement insert_, find_, update_;
};

}  // namespace weir::store
