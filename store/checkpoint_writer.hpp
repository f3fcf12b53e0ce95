#pragma once

#include "schema/record.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Writes what a broker needs to go on after a crash, and what people asked for: the part of a batch
// that is not figures.
class CheckpointWriter {
 public:
  static schema::Result<CheckpointWriter> prepare(Database& database);

  // REQUIRES: a transaction, in which the runs of the batch have been written. States of runs that
  // have no row are left out. Errors: locked, io.
  schema::Result<void> write(const schema::StoreBatch& batch);

 private:
  schema::Result<void> write_keys(const schema::StoreBatch& batch);
  schema::Result<void> write_orders(const schema::StoreBatch& batch);

  Statement state_, forget_, forget_mark_, mark_, checkpoint_;
  Statement forget_key_, key_, edit_, delete_;
};

}  // namespace weir::store
