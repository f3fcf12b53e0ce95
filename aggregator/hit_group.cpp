#include "aggregator/hit_group.hpp"

#include <cstring>
#include <span>
#include <utility>

#include "aggregator/run.hpp"

namespace weir::aggregator {

std::uint32_t HitGroup::keep(std::string_view text) {
  if (!text.empty()) std::memcpy(texts_.data() + text_size_, text.data(), text.size());
  text_size_ += text.size();
  return static_cast<std::uint32_t>(text.size());
}

HitTexts HitGroup::texts_of(const Waiting& hit) const {
  const char* const method = texts_.data() + hit.text;
  const char* const url = method + hit.method_size;
  return {{method, hit.method_size}, {url, hit.url_size}, {url + hit.url_size, hit.label_size}};
}

void HitGroup::add(Run& run, const HitTexts& texts, int status, Second second,
                   const Sample& sample) {
  const std::size_t text_bytes = texts.method.size() + texts.url.size() + texts.label.size();
  if (text_bytes > kTextBytes - text_size_) settle();
  const std::uint64_t hash = LabelTable::hash(texts);
  if (text_bytes > kTextBytes) {
    last_label_ = run.find_label(texts, hash);
    return run.record(last_label_, status, second, sample);
  }
  run.labels().remembered().prefetch_slot(hash);
  Waiting& hit = hits_[size_++];
  hit = {.run = &run,
         .hash = hash,
         .text = static_cast<std::uint32_t>(text_size_),
         .status = status,
         .second = second,
         .sample = sample};
  hit.method_size = keep(texts.method);
  hit.url_size = keep(texts.url);
  hit.label_size = keep(texts.label);
  if (size_ == kHits) settle();
}

void HitGroup::settle() {
  if (size_ == 0) return;
  text_size_ = 0;
  const std::span<Waiting> hits{hits_.data(), std::exchange(size_, 0)};
  for (const Waiting& hit : hits) hit.run->labels().remembered().prefetch_key(hit.hash);
  for (Waiting& hit : hits) {
    hit.label = hit.run->find_label(texts_of(hit), hit.hash);
    hit.run->prefetch_label(hit.label);
  }
  for (const Waiting& hit : hits) hit.run->prefetch_body(hit.label, hit.status, hit.sample);
  for (const Waiting& hit : hits) hit.run->prefetch_count(hit.label, hit.status, hit.sample);
  for (const Waiting& hit : hits) hit.run->record(hit.label, hit.status, hit.second, hit.sample);
  last_label_ = hits.back().label;
}

}  // namespace weir::aggregator
