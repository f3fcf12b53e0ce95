#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "aggregator/text_hash.hpp"

namespace weir::aggregator {

// Hashes texts so that a map keyed by std::string can be searched with a view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return static_cast<std::size_t>(hash_text(text));
  }
};

template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

// What everything beyond a limit is counted under.
inline constexpr std::string_view kOther = "(other)";

// The value of a name, made at first sight; beyond `limit` names that of (other).
template <class Value>
Value& at_or_other(TextMap<Value>& map, std::string_view name, std::size_t limit) {
  if (const auto found = map.find(name); found != map.end()) return found->second;
  if (map.size() < limit) return map.try_emplace(std::string(name)).first->second;
  return map.try_emplace(std::string(kOther)).first->second;
}

}  // namespace weir::aggregator
