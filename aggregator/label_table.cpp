#include "aggregator/label_table.hpp"

#include "aggregator/label_template.hpp"
#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::AddHit;
using schema::utf8_prefix;

LabelTable::LabelTable(const LimitsConfig& limits, const LabelConfig& config)
    : labels_max_(limits.labels_per_run),
      methods_max_(limits.methods_per_run),
      cache_max_(limits.url_cache_per_run),
      text_bytes_(limits.text_bytes),
      templating_(config.templating) {}

std::size_t LabelTable::KeyHash::operator()(Key key) const {
  const std::uint64_t method = hash_text(key.method) + (key.labelled ? 1 : 0);
  return static_cast<std::size_t>(hash_text(key.text) ^ (method * 0x9e3779b97f4a7c15ULL));
}

std::uint32_t LabelTable::find(const AddHit& hit) {
  const bool labelled = !hit.label.empty();
  const Key key{labelled, hit.method, labelled ? hit.label : hit.url};
  if (const auto found = cache_.find(key); found != cache_.end()) return found->second;
  // Not hash_text: the estimate must not depend on the process that makes it.
  if (!labelled) urls_.add(std::hash<std::string_view>{}(hit.url));
  const std::uint32_t label = resolve(hit);
  if (key.method.size() + key.text.size() > text_bytes_) return label;
  if (cache_.size() >= cache_max_) cache_.clear();
  cache_.emplace(OwnedKey{labelled, std::string(key.method), std::string(key.text)}, label);
  return label;
}

std::uint32_t LabelTable::resolve(const AddHit& hit) {
  LabelName name;
  name.method = limited_method(hit.method);
  // A copy, since cutting the text itself would keep all of its memory.
  name.url = utf8_prefix(label_url(hit.url, templating_), text_bytes_);
  name.name = utf8_prefix(hit.label, text_bytes_);
  name.text = text_of(name);
  if (const auto found = by_text_.find(name.text); found != by_text_.end()) return found->second;
  if (by_text_.size() < labels_max_) return number(std::move(name));

  name.url = kOther;
  name.name.clear();
  name.text = text_of(name);
  if (const auto found = by_text_.find(name.text); found != by_text_.end()) return found->second;
  return number(std::move(name));
}

std::string LabelTable::text_of(const LabelName& name) const {
  if (!name.name.empty()) return name.name;
  if (name.method.empty()) return name.url;
  return std::string(utf8_prefix(name.method + " " + name.url, text_bytes_));
}

std::uint32_t LabelTable::number(LabelName name) {
  const auto label = static_cast<std::uint32_t>(names_.size() + 1);
  by_text_.emplace(name.text, label);
  names_.push_back(std::move(name));
  return label;
}

void LabelTable::index_names() {
  by_text_.clear();
  cache_.clear();
  by_text_.reserve(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    by_text_.emplace(names_[i].text, static_cast<std::uint32_t>(i + 1));
  }
}

std::string_view LabelTable::limited_method(std::string_view method) {
  method = utf8_prefix(method, text_bytes_);
  if (const auto found = methods_.find(method); found != methods_.end()) return *found;
  if (method.empty() || methods_.size() >= methods_max_) return method.empty() ? method : kOther;
  return *methods_.emplace(method).first;
}

}  // namespace weir::aggregator
