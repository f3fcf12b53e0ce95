#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aggregator/sequence.hpp"
#include "schema/time.hpp"

namespace weir::aggregator {

// One runner process (or several that share a name) as seen in one run.
struct Worker {
  std::string worker_id;
  schema::Timestamp first, last;
  std::uint64_t messages = 0;  // applied, so without duplicates
  std::uint64_t late = 0;
  std::uint64_t starts = 0;  // startTestRun, one per process
  std::uint64_t stops = 0;
  std::optional<std::int64_t> users;  // latest loads_status that told them
  std::int64_t users_counted = 0;     // what the run's total holds of them
  bool lost = false;
  SequenceTracker sequence;
  bool changed = true;  // since it was last collected for the store

  bool owes_stop() const { return stops < starts; }
  bool done() const { return starts > 0 && !owes_stop(); }
  bool active() const { return !lost && !done(); }

  // `changed` is left out: what was loaded is stored again.
  template <class Archive>
  void serialize(Archive& archive) {
    archive(worker_id, first, last, messages, late, starts, stops, users, users_counted, lost,
            sequence);
  }
};

}  // namespace weir::aggregator
