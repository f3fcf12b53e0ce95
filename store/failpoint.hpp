#pragma once

#include <atomic>
#include <cstdint>

#include "schema/error.hpp"

namespace weir::store {

// Places where a fault test can end the process as a power cut would: with SIGKILL, at the n-th
// pass. WEIR_FAILPOINT=journal_synced:3 does it at the third pass of journal_synced; the names are
// those below. Unset, a pass costs one load and one branch. Any thread may pass.
enum class Failpoint : std::uint8_t {
  journal_write,    // before a group is written
  journal_written,  // after that, before it is synced
  journal_synced,   // after that, before its commit marker
  segment_created,  // a new segment is durable and empty
  ack,              // before an acknowledgement goes out
  checkpoint,       // before a checkpoint commits
  checkpointed,     // after that, before segments below it are removed
};

// `text` is the value of WEIR_FAILPOINT; null or empty disarms. Called before threads are started.
// Errors: invalid_setting (no such point, or the number is not 1 or more).
schema::Result<void> arm_failpoints(const char* text);

namespace failpoint_detail {
inline std::atomic<int> armed{-1};
void pass();
}  // namespace failpoint_detail

inline void failpoint(Failpoint point) {
  if (failpoint_detail::armed.load(std::memory_order_relaxed) == static_cast<int>(point)) {
    failpoint_detail::pass();
  }
}

}  // namespace weir::store
