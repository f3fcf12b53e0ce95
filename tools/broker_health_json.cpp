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

std::string reasons_of(const json& rejected) {
  std::string reasons;
  for (const auto& [reason, count] : rejected.items()) {
    if (reason == "total" || !count.is_number_unsigned() || count == 0) continue;
    if (!reasons.empty()) reasons += ", ";
    reasons += reason + " " + count.dump();
  }
  return reasons;
}

}  // namespace

schema::Result<BrokerHealth> broker_health_from_json(std::string_view text) {
  const json message = json::parse(text, nullptr, false);
  if (message.is_discarded()) return schema::fail(schema::ErrorCode::not_json, "broker message");
  if (!message.is_object()) return schema::fail(schema::ErrorCode::not_object, "broker message");

  BrokerHealth health;
  const json& rejected = object_of(message, "rejected");
  health.rejected = count_of(rejected, "total");
  health.reject_reasons = reasons_of(rejected);
  health.late = count_of(message, "late");
  health.missing = count_of(message, "missing");
  const json& store = object_of(message, "store");
  health.rows_dropped = count_of(store, "rows_dropped");
  const auto error = store.find("last_error");
  if (error != store.end() && error->is_string()) health.store_error = error->get<std::string>();
  health.frames = count_of(object_of(message, "received"), "frames");
  health.subscribers = count_of(message, "subscribers");
  const auto longest = message.find("longest_pause_us");
  if (longest != message.end() && longest->is_number()) {
    health.longest_pause_us = longest->get<double>();
  }
  return health;
}

}  // namespace weir::tools
