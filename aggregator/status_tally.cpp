#include "aggregator/status_tally.hpp"

#include <algorithm>

namespace weir::aggregator {

using schema::StatusCounts;

void StatusTally::add_other(int status) {
  if (first_count_ == 0) {
    first_status_ = static_cast<std::uint16_t>(status);
    first_count_ = 1;
    return;
  }
  if (others_ == nullptr) others_ = std::make_unique<StatusCounts>();
  const auto place =
      std::ranges::lower_bound(*others_, status, {}, &StatusCounts::value_type::first);
  if (place != others_->end() && place->first == status) {
    place->second += 1;
    if (place->second > first_count_) become_first(status);
  } else {
    others_->insert(place, {status, 1});
  }
}

// The most frequent one is found at once.
void StatusTally::become_first(int status) {
  StatusCounts all = counts();
  const auto place = std::ranges::find(all, status, &StatusCounts::value_type::first);
  std::rotate(all.begin(), place, place + 1);
  set(all);
}

StatusCounts StatusTally::counts() const {
  StatusCounts counts;
  if (others_ != nullptr) counts = *others_;
  if (first_count_ == 0) return counts;
  const StatusCounts::value_type first{static_cast<int>(first_status_), first_count_};
  counts.insert(std::ranges::lower_bound(counts, first), first);
  return counts;
}

void StatusTally::set(const StatusCounts& counts) {
  others_.reset();
  first_count_ = 0;
  if (counts.empty()) return;
  first_status_ = static_cast<std::uint16_t>(counts.front().first);
  first_count_ = counts.front().second & ((std::uint64_t{1} << 48U) - 1);
  if (counts.size() > 1) {
    others_ = std::make_unique<StatusCounts>(counts.begin() + 1, counts.end());
  }
}

}  // namespace weir::aggregator
