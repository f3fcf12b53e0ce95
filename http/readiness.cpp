#include "http/readiness.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace weir::http {
namespace {

using Json = nlohmann::json;

constexpr int kTicks = 5;
constexpr std::chrono::milliseconds kAtLeast{5'000};

std::string text_at(const Json& json, const char* pointer) {
  const Json value = json.value(Json::json_pointer{pointer}, Json{});
  return value.is_string() ? value.get<std::string>() : std::string{};
}

}  // namespace

std::vector<Cause> causes_of(std::string_view broker_json, std::chrono::milliseconds age,
                             std::chrono::milliseconds tick) {
  const Json broker = Json::parse(broker_json, nullptr, /*allow_exceptions=*/false);
  if (!broker.is_object()) return {{"starting", "nothing has been published yet"}};
  std::vector<Cause> causes;
  if (!broker.value(Json::json_pointer{"/http/accepting"}, true)) {
    causes.push_back({"starting", "what was recovered is not safe yet"});
  }
  const std::string journal = text_at(broker, "/journal/state");
  if (!journal.empty() && journal != "ok") {
    causes.push_back({"journal", journal == "no_space"
                                     ? "there is no space for it"
                                     : "it cannot be written any more: restart the broker"});
  }
  // What is wrong has paths in it, and anybody may ask here.
  if (!text_at(broker, "/store/last_error").empty()) {
    causes.push_back(
        {"database", "the results file cannot be written at present; /api/broker says why"});
  } else if (broker.value(Json::json_pointer{"/store/sync_failed"}, false)) {
    causes.push_back({"database", "what was written may not be on the disk: restart the broker"});
  }
  if (age > std::max(kTicks * tick, kAtLeast)) {
    causes.push_back({"lag", "nothing was published for " + std::to_string(age.count()) + " ms"});
  }
  return causes;
}

}  // namespace weir::http
