#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "aggregator/text_arena.hpp"

namespace weir::aggregator {

// What tells the label of a hit: its method and URL, or its method and the label it was given.
struct HitTexts {
  std::string_view method, url, label;

  bool labelled() const { return !label.empty(); }
  std::string_view key() const { return labelled() ? label : url; }
};

// Remembers the label and the method of raw URLs, at most `entries_max` of them; then it starts
// anew. Keys are compared byte by byte; places are found by a hash with a secret of this process.
class UrlCache {
 public:
  struct Entry {
    std::uint32_t label = 0;
    std::uint32_t method = 0;
  };

  explicit UrlCache(std::size_t entries_max) : entries_max_(entries_max) {}

  static std::uint64_t hash(const HitTexts& texts);
  // Null if it is not known. The pointer is valid until the next add().
  const Entry* find(const HitTexts& texts, std::uint64_t hash) const;
  // REQUIRES: find() did not.
  void add(const HitTexts& texts, std::uint64_t hash, const Entry& entry);
  void clear();

  // What find() will touch, in two steps (Sketch::prefetch_body() says why inline).
  [[gnu::always_inline]] void prefetch_slot(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  [[gnu::always_inline]] void prefetch_key(std::uint64_t hash) const {
    if (slots_.empty()) return;
    constexpr std::size_t kCacheLine = 64;
    const char* const key = slots_[hash & (slots_.size() - 1)].key;
    if (key == nullptr) return;
    __builtin_prefetch(key);
    __builtin_prefetch(key + kCacheLine);
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    const char* key = nullptr;  // method, then text; null: no entry
    std::uint32_t method_size = 0;
    std::uint32_t text_size : 31 = 0;
    std::uint32_t labelled : 1 = 0;
    Entry entry;
  };
  static_assert(sizeof(Slot) == 32);

  static bool is_key(const Slot& slot, const HitTexts& texts);
  std::size_t place_of(std::uint64_t hash) const;
  void grow();

  std::size_t entries_max_;
  std::size_t size_ = 0;
  std::vector<Slot> slots_;  // a power of two of them, at most half in use
  TextArena keys_;
};

}  // namespace weir::aggregator
