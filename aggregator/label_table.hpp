#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregator/config.hpp"
#include "aggregator/distinct.hpp"
#include "aggregator/text_arena.hpp"
#include "aggregator/url_cache.hpp"

namespace weir::aggregator {

struct LabelName {
  std::string text;  // what is shown: the given label, else "METHOD url"
  std::string name;  // the given label, else empty
  std::string method;
  std::string url;  // templated
};

// Hits by method, in the order in which they first came.
using MethodCounts = std::vector<std::pair<std::string, std::uint64_t>>;

// Finds the label of a hit, and counts methods. A URL is templated once; its label is then
// remembered by the raw method and URL, for at most url_cache_per_run of them that are no longer
// than text_bytes. At most labels_per_run labels, then one (other) per method. Labels are numbered
// from 1.
class LabelTable {
 public:
  LabelTable(const LimitsConfig& limits, const LabelConfig& config);

  static std::uint64_t hash(const HitTexts& texts) { return UrlCache::hash(texts); }
  std::uint32_t find(const HitTexts& texts, std::uint64_t hash);
  std::uint32_t find(const HitTexts& texts) { return find(texts, hash(texts)); }
  // Where find() looks first: to be prefetched from.
  const UrlCache& remembered() const { return cache_; }

  LabelName name(std::uint32_t label) const;
  std::size_t size() const { return labels_.size(); }
  // Different URLs among the hits that gave no label; estimated beyond 1,000.
  std::uint64_t urls_distinct() const { return urls_.estimate(); }
  // At most methods_per_run, then (other).
  const MethodCounts& methods() const { return methods_; }

  // Without the remembered raw URLs: they are looked up again. Throws std::runtime_error if what is
  // loaded was never saved.
  template <class Archive>
  void save(Archive& archive) const {
    const Packed names = pack();
    archive(names.texts, names.numbers, methods_, urls_);
  }
  template <class Archive>
  void load(Archive& archive) {
    Packed names;
    archive(names.texts, names.numbers, methods_, urls_);
    unpack(names);
  }

 private:
  static constexpr std::uint32_t kNoMethod = 0;  // else its place in methods_ + 1

  struct Label {
    const char* url = nullptr;  // and the name after it
    std::uint32_t url_size = 0;
    std::uint32_t name_size = 0;
    std::uint32_t method = kNoMethod;
  };
  // A place of the index: the first bits of the text's hash, and the label; 0 is none.
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t label = 0;
  };

  // All labels in one row, as many are saved at once: URL and name of each, and its three numbers.
  struct Packed {
    std::string texts;
    std::vector<std::uint32_t> numbers;  // bytes of the URL, of the name; the method
  };
  static constexpr std::size_t kNumbersOfLabel = 3;
  Packed pack() const;
  void unpack(const Packed& packed);
  std::uint32_t resolve(const HitTexts& texts, std::uint32_t method);
  std::uint32_t find_text(std::string_view text) const;
  std::uint32_t add(const LabelName& name, std::uint32_t method);
  void index(std::uint32_t label, std::string_view text);
  std::string text_of(const LabelName& name) const;
  std::uint32_t method_number(std::string_view method);
  std::string_view method_text(std::uint32_t method) const;

  std::size_t labels_max_;
  std::size_t methods_max_;
  std::size_t text_bytes_;
  bool templating_;
  std::vector<Label> labels_;
  TextArena texts_;
  std::vector<Place> by_text_;  // a power of two of them, at most three quarters in use
  MethodCounts methods_;
  UrlCache cache_;
  DistinctEstimate urls_;
};

}  // namespace weir::aggregator
