#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aggregator/config.hpp"
#include "schema/record.hpp"
#include "store/journal_reader.hpp"
#include "store/run_writer.hpp"
#include "store/stored_state.hpp"

namespace weir::broker {

// Where the last broker left things.
struct Before {
  store::StoredState stored;
  std::vector<schema::ClosedRun> closed;  // runs that take no more messages, the oldest first
  std::int64_t next_run = 1;              // the number of the first new run
};

// Reads it. Runs that the last broker left open without a state to go on from are ended. Errors:
// locked, io.
schema::Result<Before> read_before(store::RunWriter& writer,
                                   const aggregator::LimitsConfig& limits);

// What a broker found when it started, and how far it got with that.
struct Recovery {
  std::size_t runs = 0;                 // that are open or take late messages
  std::vector<std::int64_t> runs_lost;  // whose stored state cannot be read
  std::uint64_t records = 0;            // of the journal, behind the checkpoint
  std::uint64_t messages = 0;           // in them
  std::uint64_t records_lost = 0;       // behind the checkpoint, in damaged or missing parts
  store::JournalReport journal;
};

// Takes in what was read of the journal: records between the checkpoint, at position `from`, and
// the first one that is there are missing, what is lost before the checkpoint is not lost.
void note_journal(Recovery& recovery, store::JournalReport&& report, std::uint64_t from);

}  // namespace weir::broker
