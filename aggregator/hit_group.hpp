#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "aggregator/intervals.hpp"

namespace weir::aggregator {

class Run;

// Hits whose figures are not recorded yet. With many labels each one lies elsewhere in memory, so
// that a hit alone waits for several cache misses in a row; a group fetches for all its hits what
// the first step needs, then the second, and waits once. The order of hits is kept. The runs must
// outlive what waits here.
class HitGroup {
 public:
  static constexpr std::size_t kHits = 32;

  // Settles when it is full.
  void add(Run& run, std::uint32_t label, int status, Second second, const Sample& sample);
  // Records everything: to be called before anybody looks at figures.
  void settle();

 private:
  struct Waiting {
    Run* run = nullptr;
    std::uint32_t label = 0;
    int status = 0;
    Second second;
    Sample sample;
  };

  std::array<Waiting, kHits> hits_;
  std::size_t size_ = 0;
};

}  // namespace weir::aggregator
