#pragma once

#include "store/config.hpp"
#include "store/lock.hpp"
#include "store/run_writer.hpp"

namespace weir::broker {

// What a broker writes, for it alone: the results file and the folder of its journal.
struct ClaimedStore {
  store::RunWriter writer;
  store::StoreLock folder;
};

// Makes what is not there; but not a new results file while there is the journal of an old one. An
// error's detail says what, where and what to do, in one line. Errors: not_found (that case), and
// those of RunWriter::open and claim_data_folder.
schema::Result<ClaimedStore> claim_store(const store::StoreConfig& config);

}  // namespace weir::broker
