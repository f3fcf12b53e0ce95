#include "tools/broker_health_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::tools {
namespace {

using nlohmann::json;

std::uint64_t count_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

const json& object_of(const json& object, const char* key) {
  static const json empty = json::object();
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : empty;
}

}  // namespace

schema::Result<BrokerHealth> broker_health_from_json(std::string_view text) {
  const json message = json::parse(text, nullptr, false);
  if (message.is_discarded()) return schema::fail(schema::ErrorCode::not_json, "broker message");
  if (!message.is_object()) return schema::fail(schema::ErrorCode::not_object, "broker message");

  BrokerHealth health;
  health.rejected = count_of(object_of(message, "rejected"), "total");
  health.late = count_of(message, "late");
  health.missing = count_of(message, "missing");
  const json& store = object_of(message, "store");
  health.rows_dropped = count_of(store, "rows_dropped");
  const auto error = store.find("last_error");
  if (error != store.end() && error->is_string()) health.store_error = error->get<std::string>();
  return health;
}

}  // namespace weir::tools
