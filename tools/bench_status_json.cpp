#include "tools/bench_status_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::tools {
namespace {

using nlohmann::json;

std::uint64_t count_at(const json& message, const char* pointer) {
  const json value = message.value(json::json_pointer{pointer}, json{});
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

}  // namespace

schema::Result<BenchStatus> bench_status_from_json(std::string_view text) {
  const json message = json::parse(text, nullptr, false);
  if (message.is_discarded()) return schema::fail(schema::ErrorCode::not_json, "broker message");
  if (!message.is_object()) return schema::fail(schema::ErrorCode::not_object, "broker message");

  BenchStatus status;
  status.frames = count_at(message, "/received/frames");
  status.rejected = count_at(message, "/rejected/total");
  status.subscribers = count_at(message, "/subscribers");
  const auto longest = message.find("longest_pause_us");
  if (longest != message.end() && longest->is_number()) {
    status.longest_pause_us = longest->get<double>();
  }
  const json reasons = message.value("rejected", json::object());
  for (const auto& [reason, count] : reasons.items()) {
    if (reason == "total" || !count.is_number_unsigned() || count == 0) continue;
    if (!status.reject_reasons.empty()) status.reject_reasons += ", ";
    status.reject_reasons += reason + " " + count.dump();
  }
  return status;
}

}  // namespace weir::tools
