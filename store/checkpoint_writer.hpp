#pragma once

#include "schema/record.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Writes what a broker needs to go on after a crash: the part of a batch that is not figures.
class CheckpointWriter {
 public:
  static schema::Result<CheckpointWriter> prepare(Database& database);

  // REQUIRES: a transaction, in which the runs of the batch have been written. States of runs that
  // have no row are left out. Errors: locked, io.
  schema::Result<void> write(const schema::StoreBatch& batch);

 private:
  Statement state_, forget_, forget_mark_, mark_, checkpoint_;
};

}  // namespace weir::store
