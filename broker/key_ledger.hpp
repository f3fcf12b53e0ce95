#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schema/record.hpp"

namespace weir::broker {

// Remembers what became of requests that came with an idempotency key, so that one that is sent
// again counts once. Beyond keys_max the oldest is forgotten. Memory: about 400 bytes a key. Used
// by the core thread only.
class KeyLedger {
 public:
  struct Known {
    schema::KeyRecord record;
    std::uint64_t position = 0;  // in the journal, behind which it is safe; 0: it is
  };

  explicit KeyLedger(std::size_t keys_max) : keys_max_(keys_max) {}

  // What an earlier broker stored, the oldest first.
  void restore(const std::vector<schema::KeyRecord>& keys);

  // Null if it is not known.
  const Known* find(std::string_view key) const;
  // REQUIRES: it is not known.
  void add(schema::KeyRecord record, std::uint64_t position);

  // Adds what changed since the last call.
  void take_keys(schema::StoreBatch& batch);

  std::size_t size() const { return keys_.size(); }

 private:
  void make_room();

  std::size_t keys_max_;
  std::map<std::string, Known, std::less<>> keys_;
  std::deque<std::string> order_;  // the oldest first
  std::vector<std::string> new_;   // not stored yet
  std::vector<std::string> forgotten_;
};

}  // namespace weir::broker
