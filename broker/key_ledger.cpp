#include "broker/key_ledger.hpp"

#include <utility>

namespace weir::broker {

void KeyLedger::restore(const std::vector<schema::KeyRecord>& keys) {
  for (const schema::KeyRecord& key : keys) {
    if (!keys_.try_emplace(key.key, Known{key, 0}).second) continue;
    order_.push_back(key.key);
    make_room();
  }
}

const KeyLedger::Known* KeyLedger::find(std::string_view key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

void KeyLedger::add(schema::KeyRecord record, std::uint64_t position) {
  std::string key = record.key;
  keys_.insert_or_assign(key, Known{std::move(record), position});
  order_.push_back(key);
  new_.push_back(std::move(key));
  make_room();
}

void KeyLedger::make_room() {
  while (keys_.size() > keys_max_) {
    keys_.erase(order_.front());
    forgotten_.push_back(std::move(order_.front()));
    order_.pop_front();
  }
}

void KeyLedger::take_keys(schema::StoreBatch& batch) {
  schema::append(batch.forgotten_keys, std::exchange(forgotten_, {}));
  for (const std::string& key : std::exchange(new_, {})) {
    // It may have been forgotten meanwhile.
    if (const Known* known = find(key)) batch.keys.push_back(known->record);
  }
}

}  // namespace weir::broker
