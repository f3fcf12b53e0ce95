#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "aggregator/config.hpp"
#include "aggregator/distinct.hpp"
#include "aggregator/text_map.hpp"
#include "schema/message.hpp"

namespace weir::aggregator {

struct LabelName {
  std::string text;  // what is shown: the given label, else "METHOD url"
  std::string name;  // the given label, else empty
  std::string method;
  std::string url;  // templated

  template <class Archive>
  void serialize(Archive& archive) {
    archive(text, name, method, url);
  }
};

// Finds the label of a hit. A URL is templated once; its label is then remembered by the raw
// method and URL, for at most url_cache_per_run of them that are no longer than text_bytes. At most
// labels_per_run labels, then one (other) per method. Labels are numbered from 1.
class LabelTable {
 public:
  LabelTable(const LimitsConfig& limits, const LabelConfig& config);

  std::uint32_t find(const schema::AddHit& hit);

  const LabelName& name(std::uint32_t label) const { return names_[label - 1]; }
  std::size_t size() const { return names_.size(); }
  // Different URLs among the hits that gave no label; estimated beyond 1,000.
  std::uint64_t urls_distinct() const { return urls_.estimate(); }

  // Without the remembered raw URLs: they are looked up again.
  template <class Archive>
  void serialize(Archive& archive) {
    archive(names_, methods_, urls_);
    if (Archive::is_loading::value) index_names();
  }

 private:
  // Method and URL, or method and given label.
  struct Key {
    bool labelled = false;
    std::string_view method, text;
    bool operator==(const Key&) const = default;
  };
  struct OwnedKey {
    bool labelled = false;
    std::string method, text;
    operator Key() const { return {labelled, method, text}; }  // NOLINT(*-explicit-*)
  };
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(Key key) const;
  };
  struct KeyEqual {
    using is_transparent = void;
    bool operator()(Key a, Key b) const { return a == b; }
  };

  std::uint32_t resolve(const schema::AddHit& hit);
  std::uint32_t number(LabelName name);
  void index_names();
  std::string text_of(const LabelName& name) const;
  std::string_view limited_method(std::string_view method);

  std::size_t labels_max_;
  std::size_t methods_max_;
  std::size_t cache_max_;
  std::size_t text_bytes_;
  bool templating_;
  std::vector<LabelName> names_;
  TextMap<std::uint32_t> by_text_;
  std::unordered_map<OwnedKey, std::uint32_t, KeyHash, KeyEqual> cache_;
  std::unordered_set<std::string, TextHash, std::equal_to<>> methods_;
  DistinctEstimate urls_;
};

}  // namespace weir::aggregator
