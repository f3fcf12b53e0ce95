#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "aggregator/intervals.hpp"
#include "aggregator/url_cache.hpp"

namespace weir::aggregator {

class Run;

// Hits whose label is not looked up and whose figures are not recorded yet. With many labels each
// one lies elsewhere in memory, so that a hit alone waits for several cache misses in a row; a
// group fetches for all its hits what the first step needs, then the second, and waits once. The
// order of hits is kept. The runs must outlive what waits here.
class HitGroup {
 public:
  static constexpr std::size_t kHits = 32;
  // Room for the texts of those that wait. It settles when they are full, and a hit with more than
  // that is recorded at once.
  static constexpr std::size_t kTextBytes = 4'096;

  // The texts are copied.
  void add(Run& run, const HitTexts& texts, int status, Second second, const Sample& sample);
  // Records everything: to be called before anybody looks at figures.
  void settle();
  // The label of the hit that was added last; settles. REQUIRES: there was one.
  std::uint32_t last_label() {
    settle();
    return last_label_;
  }

 private:
  struct Waiting {
    Run* run = nullptr;
    std::uint64_t hash = 0;
    std::uint32_t text = 0;  // where in texts_: method, URL, label
    std::uint32_t method_size = 0, url_size = 0, label_size = 0;
    std::uint32_t label = 0;
    int status = 0;
    Second second;
    Sample sample;
  };
  std::uint32_t keep(std::string_view text);
  HitTexts texts_of(const Waiting& hit) const;

  std::array<Waiting, kHits> hits_;
  std::array<char, kTextBytes> texts_{};
  std::size_t size_ = 0;
  std::size_t text_size_ = 0;
  std::uint32_t last_label_ = 0;
};

}  // namespace weir::aggregator
