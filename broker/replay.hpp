#pragma once

#include <functional>
#include <utility>

#include "aggregator/run_registry.hpp"
#include "broker/ack_ledger.hpp"
#include "broker/hit_rows.hpp"
#include "broker/key_ledger.hpp"
#include "broker/reception.hpp"
#include "broker/recovery.hpp"
#include "schema/record.hpp"
#include "store/journal_record.hpp"
#include "store/stored_state.hpp"

namespace weir::broker {

// All that changes when a message is taken in, and that a checkpoint stores. References.
struct Books {
  aggregator::RunRegistry& registry;
  Reception& reception;
  HitRows& hit_rows;
  AckLedger& ledger;
  KeyLedger& keys;
};

// Brings the books back to where they were: first what the last checkpoint stored, then the records
// of the journal behind it, in order. The same for a broker that starts and for one whose results
// file is made again. Used by one thread; what the books refer to outlives this.
class Replay {
 public:
  // `forget` gets a run that leaves memory, to collect it for the last time.
  using Forget = std::function<void(aggregator::Run&)>;
  Replay(const Books& books, Forget forget) : books_(books), forget_(std::move(forget)) {}

  // Once, before the records. Notes in `found` the runs, and those whose state cannot be read.
  // Errors: newer_schema (another version of weir saved an open run).
  schema::Result<void> load(const store::StoredState& stored, const aggregator::Settings& settings,
                            Recovery& found);
  // Errors: newer_schema (a newer weir wrote it).
  schema::Result<void> accept(const store::JournalRecord& record);

 private:
  Books books_;
  Forget forget_;
  schema::Timestamp loaded_until_;
};

// The last rows of a run that leaves memory.
void collect_forgotten(const Books& books, aggregator::Run& run, schema::StoreBatch& batch);

// What a checkpoint stores beside runs: moved into the batch.
void take_sidelines(const Books& books, schema::StoreBatch& batch);

// A run and the state to go on from. `all`: its unchanged rows too.
void collect_with_state(aggregator::Run& run, schema::StoreBatch& batch, bool all);

}  // namespace weir::broker
