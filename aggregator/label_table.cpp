#include "aggregator/label_table.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "aggregator/label_template.hpp"
#include "aggregator/text_hash.hpp"
#include "aggregator/text_map.hpp"
#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::utf8_prefix;

namespace {

constexpr std::size_t kFirstPlaces = 64;

}  // namespace

LabelTable::LabelTable(const LimitsConfig& limits, const LabelConfig& config)
    : labels_max_(limits.labels_per_run),
      methods_max_(limits.methods_per_run),
      text_bytes_(limits.text_bytes),
      templating_(config.templating),
      cache_(limits.url_cache_per_run) {}

std::uint32_t LabelTable::find(const HitTexts& texts, std::uint64_t hash) {
  UrlCache::Entry entry;
  if (const UrlCache::Entry* known = cache_.find(texts, hash); known != nullptr) {
    entry = *known;
  } else {
    // Not hash_text: the estimate must not depend on the process that makes it.
    if (!texts.labelled()) urls_.add(std::hash<std::string_view>{}(texts.url));
    entry.method = method_number(texts.method);
    entry.label = resolve(texts, entry.method);
    if (texts.method.size() + texts.key().size() <= text_bytes_) cache_.add(texts, hash, entry);
  }
  if (entry.method != kNoMethod) methods_[entry.method - 1].second += 1;
  return entry.label;
}

std::uint32_t LabelTable::resolve(const HitTexts& texts, std::uint32_t method) {
  LabelName name;
  name.method = method_text(method);
  name.url = utf8_prefix(label_url(texts.url, templating_), text_bytes_);
  name.name = utf8_prefix(texts.label, text_bytes_);
  name.text = text_of(name);
  if (const std::uint32_t known = find_text(name.text); known != 0) return known;
  if (size() < labels_max_) return add(name, method);

  name.url = kOther;
  name.name.clear();
  name.text = text_of(name);
  if (const std::uint32_t known = find_text(name.text); known != 0) return known;
  return add(name, method);
}

LabelName LabelTable::name(std::uint32_t label) const {
  const Label& of = labels_[label - 1];
  LabelName name;
  name.url.assign(of.url, of.url_size);
  name.name.assign(of.url + of.url_size, of.name_size);
  name.method = method_text(of.method);
  name.text = text_of(name);
  return name;
}

std::string LabelTable::text_of(const LabelName& name) const {
  if (!name.name.empty()) return name.name;
  if (name.method.empty()) return name.url;
  return std::string(utf8_prefix(name.method + " " + name.url, text_bytes_));
}

std::uint32_t LabelTable::find_text(std::string_view text) const {
  if (by_text_.empty()) return 0;
  const auto hash = static_cast<std::uint32_t>(hash_text(text));
  const std::size_t mask = by_text_.size() - 1;
  for (std::size_t at = hash & mask; by_text_[at].label != 0; at = (at + 1) & mask) {
    if (by_text_[at].hash == hash && name(by_text_[at].label).text == text) {
      return by_text_[at].label;
    }
  }
  return 0;
}

void LabelTable::index(std::uint32_t label, std::string_view text) {
  const auto put = [this](const Place& place) {
    const std::size_t mask = by_text_.size() - 1;
    std::size_t at = place.hash & mask;
    while (by_text_[at].label != 0) at = (at + 1) & mask;
    by_text_[at] = place;
  };
  if (4 * std::size_t{label} > 3 * by_text_.size()) {
    std::vector<Place> before(by_text_.empty() ? kFirstPlaces : 2 * by_text_.size());
    before.swap(by_text_);
    for (const Place& place : before) {
      if (place.label != 0) put(place);
    }
  }
  put({static_cast<std::uint32_t>(hash_text(text)), label});
}

std::uint32_t LabelTable::add(const LabelName& name, std::uint32_t method) {
  const auto label = static_cast<std::uint32_t>(size() + 1);
  labels_.push_back({.url = texts_.keep(name.url, name.name).data(),
                     .url_size = static_cast<std::uint32_t>(name.url.size()),
                     .name_size = static_cast<std::uint32_t>(name.name.size()),
                     .method = method});
  index(label, name.text);
  return label;
}

LabelTable::Packed LabelTable::pack() const {
  Packed packed;
  packed.numbers.reserve(kNumbersOfLabel * labels_.size());
  for (const Label& label : labels_) {
    packed.texts.append(label.url, std::size_t{label.url_size} + label.name_size);
    packed.numbers.insert(packed.numbers.end(), {label.url_size, label.name_size, label.method});
  }
  return packed;
}

void LabelTable::unpack(const Packed& packed) {
  labels_.clear();
  by_text_.clear();
  texts_.clear();
  cache_.clear();
  std::string_view texts = packed.texts;
  std::span<const std::uint32_t> numbers = packed.numbers;
  const auto take_text = [&texts](std::size_t size) {
    if (size > texts.size()) throw std::runtime_error("a label is cut short");
    const std::string_view text = texts.substr(0, size);
    texts.remove_prefix(size);
    return std::string(text);
  };
  for (; numbers.size() >= kNumbersOfLabel; numbers = numbers.subspan(kNumbersOfLabel)) {
    const std::uint32_t method = numbers[2];
    if (method > methods_.size()) throw std::runtime_error("a label has an unknown method");
    LabelName name;
    name.url = take_text(numbers[0]);
    name.name = take_text(numbers[1]);
    name.method = method_text(method);
    name.text = text_of(name);
    add(name, method);
  }
  if (!texts.empty() || !numbers.empty()) throw std::runtime_error("bytes after the last label");
}

std::string_view LabelTable::method_text(std::uint32_t method) const {
  return method == kNoMethod ? std::string_view{} : methods_[method - 1].first;
}

// A hit that does not say its method has none.
std::uint32_t LabelTable::method_number(std::string_view method) {
  if (method.empty()) return kNoMethod;
  method = utf8_prefix(method, text_bytes_);
  const auto place_of = [this](std::string_view text) {
    return std::ranges::find(methods_, text, &MethodCounts::value_type::first) - methods_.begin();
  };
  auto place = place_of(method);
  const auto end = [this] { return static_cast<std::ptrdiff_t>(methods_.size()); };
  if (place == end() && methods_.size() >= methods_max_) {
    method = kOther;
    place = place_of(method);
  }
  if (place == end()) methods_.emplace_back(method, 0);
  return static_cast<std::uint32_t>(place + 1);
}

}  // namespace weir::aggregator
