#include "store/tags_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::store {

using nlohmann::json;

std::string tags_to_json(const std::vector<schema::TagRecord>& tags) {
  json object = json::object();
  for (const schema::TagRecord& tag : tags) object[tag.key] = tag.value;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<schema::TagRecord> tags_from_json(std::string_view text) {
  std::vector<schema::TagRecord> tags;
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return tags;
  for (const auto& [key, value] : object.items()) {
    if (value.is_string()) tags.push_back({key, value.get<std::string>()});
  }
  return tags;
}

}  // namespace weir::store
