#include "aggregator/url_cache.hpp"

#include "aggregator/text_hash.hpp"

namespace weir::aggregator {
namespace {

constexpr std::size_t kFirstSlots = 64;

}  // namespace

std::uint64_t UrlCache::hash(const HitTexts& texts) {
  const std::uint64_t method = hash_text(texts.method) + (texts.labelled() ? 1 : 0);
  return hash_text(texts.key()) ^ (method * 0x9e3779b97f4a7c15ULL);
}

bool UrlCache::is_key(const Slot& slot, const HitTexts& texts) {
  return (slot.labelled != 0) == texts.labelled() &&
         std::string_view{slot.key, slot.method_size} == texts.method &&
         std::string_view{slot.key + slot.method_size, slot.text_size} == texts.key();
}

const UrlCache::Entry* UrlCache::find(const HitTexts& texts, std::uint64_t hash) const {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].key != nullptr; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && is_key(slots_[at], texts)) return &slots_[at].entry;
  }
  return nullptr;
}

std::size_t UrlCache::place_of(std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].key != nullptr) at = (at + 1) & mask;
  return at;
}

void UrlCache::grow() {
  std::vector<Slot> before(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  before.swap(slots_);
  for (const Slot& slot : before) {
    if (slot.key != nullptr) slots_[place_of(slot.hash)] = slot;
  }
}

void UrlCache::add(const HitTexts& texts, std::uint64_t hash, const Entry& entry) {
  if (entries_max_ == 0) return;
  if (size_ >= entries_max_) clear();
  if (2 * (size_ + 1) > slots_.size()) grow();
  ++size_;
  const std::string_view key = texts.key();
  slots_[place_of(hash)] = {.hash = hash,
                            .key = keys_.keep(texts.method, key).data(),
                            .method_size = static_cast<std::uint32_t>(texts.method.size()),
                            .text_size = static_cast<std::uint32_t>(key.size()) & 0x7fffffffU,
                            .labelled = texts.labelled() ? 1U : 0U,
                            .entry = entry};
}

void UrlCache::clear() {
  size_ = 0;
  slots_.assign(slots_.size(), Slot{});
  keys_.clear();
}

}  // namespace weir::aggregator
