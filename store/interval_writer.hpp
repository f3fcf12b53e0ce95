#pragma once

#include <cstdint>
#include <utility>

#include "schema/record.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Writes the table intervals: a record of which there is a row already is merged into it.
class IntervalWriter {
 public:
  static schema::Result<IntervalWriter> prepare(Database& database);

  // REQUIRES: a transaction. A row whose sketch cannot be read is replaced. Errors: locked, io.
  schema::Result<void> write(const schema::IntervalRecord& interval, std::int64_t label_id);

  // How many rows were replaced since the last call.
  std::uint64_t take_replaced() { return std::exchange(replaced_, 0); }

 private:
  schema::Result<void> merge(const schema::IntervalRecord& interval, std::int64_t label_id);

  Statement insert_, find_, update_;
  std::uint64_t replaced_ = 0;
};

}  // namespace weir::store
