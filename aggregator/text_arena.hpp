#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::aggregator {

// Keeps texts one after the other, without an allocation for each. They stay where they are until
// clear(), also when the arena moves.
class TextArena {
 public:
  // Both texts in one row; the view is of both.
  std::string_view keep(std::string_view first, std::string_view second = {}) {
    const std::size_t size = first.size() + second.size();
    if (size > left_) {
      left_ = std::max(size, kChunkBytes);
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(left_));  // NOLINT(*-avoid-c-arrays)
      next_ = chunks_.back().get();
    }
    char* const begin = next_;
    next_ = std::ranges::copy(first, begin).out;
    next_ = std::ranges::copy(second, next_).out;
    left_ -= size;
    return {begin, size};
  }

  void clear() { *this = {}; }

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{16} << 10;

  std::vector<std::unique_ptr<char[]>> chunks_;  // NOLINT(*-avoid-c-arrays)
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace weir::aggregator
