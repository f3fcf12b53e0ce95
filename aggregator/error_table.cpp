#include "aggregator/error_table.hpp"

#include <algorithm>

#include "aggregator/text_map.hpp"
#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::utf8_prefix;

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::failure:
      return "failure";
    case ErrorKind::error:
      return "error";
    case ErrorKind::hit:
      return "hit";
  }
  return "error";
}

ErrorTable::ErrorTable(const LimitsConfig& limits)
    : groups_max_(limits.errors_per_run),
      text_bytes_(limits.text_bytes),
      traceback_bytes_(limits.traceback_bytes) {}

std::size_t ErrorTable::KeyHash::operator()(const ErrorKey& key) const {
  auto combined = static_cast<std::uint64_t>(key.kind);
  for (const std::string_view part :
       {std::string_view{key.class_name}, std::string_view{key.message},
        std::string_view{key.traceback}}) {
    combined = combined * 0x9e3779b97f4a7c15ULL + hash_text(part);
  }
  return combined;
}

ErrorGroup& ErrorTable::add(ErrorKind kind, const schema::Exception& what, std::string_view test,
                            schema::Timestamp at) {
  ErrorKey key{kind, std::string(utf8_prefix(what.class_name, text_bytes_)),
               std::string(utf8_prefix(what.message, text_bytes_)),
               std::string(utf8_prefix(what.traceback, traceback_bytes_))};
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (groups_.size() >= groups_max_) key = {kind, std::string(kOther), {}, {}};
    ErrorGroup fresh{
        .count = 0, .first = at, .last = at, .test = std::string(utf8_prefix(test, text_bytes_))};
    found = groups_.try_emplace(std::move(key), std::move(fresh)).first;
  }
  ErrorGroup& group = found->second;
  group.count += 1;
  group.first = std::min(group.first, at);
  group.last = std::max(group.last, at);
  group.changed = true;
  return group;
}

}  // namespace weir::aggregator
