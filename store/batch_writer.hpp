#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "schema/record.hpp"
#include "store/checkpoint_writer.hpp"
#include "store/hit_writer.hpp"
#include "store/interval_writer.hpp"
#include "store/run_cache.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// Writes the records of a batch into their tables, with statements prepared once. It neither begins
// nor ends transactions, but must be told how they ended. The semantics of each record (replace,
// add, merge) are those of schema/record.hpp.
class BatchWriter {
 public:
  static schema::Result<BatchWriter> prepare(Database& database, std::size_t hits_max_per_run,
                                             std::string broker_version);

  // REQUIRES: a transaction. Errors: locked, io, bad_type; it is to be rolled back then.
  schema::Result<void> write(const schema::StoreBatch& batch);
  void commit();
  void roll_back();

  void forget_run(std::int64_t run) { cache_.forget(run); }
  std::uint64_t records_skipped() const { return skipped_; }

 private:
  schema::Result<void> write(const schema::RunRecord& run);
  schema::Result<void> write(const schema::WorkerRecord& worker);
  schema::Result<void> write(const schema::LabelRecord& label);
  schema::Result<void> write(const schema::IntervalRecord& interval);
  schema::Result<void> write(const schema::TestRecord& test);
  schema::Result<void> write(const schema::CounterRecord& counter);
  schema::Result<void> write(const schema::SocketsRecord& sockets);
  schema::Result<void> write(const schema::ErrorRecord& error);
  schema::Result<void> write(const schema::HitRecord& hit);
  schema::Result<void> write(const schema::HitsNotKept& hits);
  schema::Result<void> write(const schema::RejectRecord& reject);
  schema::Result<void> write(const schema::RejectSample& sample);
  schema::Result<void> write(const schema::EventRecord& event);

  // Each record of a run that has a row; the others are skipped.
  template <class Record>
  schema::Result<void> write_all(const std::vector<Record>& records);
  schema::Result<void> write_hits_not_kept();
  schema::Result<void> write_status(const schema::LabelRecord& label, std::int64_t label_id);
  schema::Result<bool> has_run(std::int64_t run);
  schema::Result<std::string> free_run_id(const schema::RunRecord& run);
  std::int64_t label_id(std::int64_t run, std::uint32_t label) const;

  struct Statements {
    Statement has_run, has_run_id, run, hits_not_kept, worker, label, clear_status, status, method,
        test, counter, sockets, error, reject, reject_sample, event;
  };

  static schema::Result<Statements> prepare_statements(Database& database);

  std::string broker_version_;
  Statements statements_;
  IntervalWriter intervals_;
  HitWriter hits_;
  CheckpointWriter checkpoint_;
  RunCache cache_;
  std::map<std::int64_t, std::uint64_t> not_kept_;  // of the batch, by run
  std::uint64_t skipped_ = 0;
  std::uint64_t skipped_in_batch_ = 0;
};

}  // namespace weir::store
