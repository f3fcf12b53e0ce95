#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::broker {

// What the journal keeps with an acknowledged batch: whose it is, and what its messages do not say
// themselves. The views are into the key.
struct JournalKey {
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  std::string_view worker_id, run_id;
};

std::string encode_journal_key(const JournalKey& key);
// Empty if it is none.
std::optional<JournalKey> decode_journal_key(std::string_view bytes);

}  // namespace weir::broker
