#pragma once

#include <vector>

#include "schema/record.hpp"
#include "store/journal_record.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// What the last broker left to go on from.
struct StoredState {
  StoreId store_id{};
  schema::Checkpoint checkpoint;  // position 0: nothing was ever written
  std::vector<schema::RunStateRecord> states;
  std::vector<schema::MarkRecord> marks;
  std::vector<schema::KeyRecord> keys;  // the oldest first
};

// Errors: locked, io.
schema::Result<StoredState> read_stored_state(Database& database);

}  // namespace weir::store
