#include "aggregator/hit_group.hpp"

#include <span>
#include <utility>

#include "aggregator/run.hpp"

namespace weir::aggregator {

void HitGroup::add(Run& run, std::uint32_t label, int status, Second second, const Sample& sample) {
  run.prefetch_label(label);
  hits_[size_++] = {&run, label, status, second, sample};
  if (size_ == kHits) settle();
}

void HitGroup::settle() {
  const std::span<const Waiting> hits{hits_.data(), std::exchange(size_, 0)};
  for (const Waiting& hit : hits) hit.run->prefetch_body(hit.label, hit.sample);
  for (const Waiting& hit : hits) hit.run->prefetch_count(hit.label, hit.sample);
  for (const Waiting& hit : hits) hit.run->record(hit.label, hit.status, hit.second, hit.sample);
}

}  // namespace weir::aggregator
