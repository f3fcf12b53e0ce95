#include "http/live_json.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "schema/time.hpp"

namespace weir::http {
namespace {

using Json = nlohmann::ordered_json;
using schema::Summary;

Json rounded(std::optional<double> value) {
  if (!value) return nullptr;
  return std::round(*value * 1e4) / 1e4;
}

Json milliseconds(std::optional<std::int64_t> us) {
  return us ? Json(static_cast<double>(*us) / 1e3) : Json(nullptr);
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json bytes_per_s(std::optional<std::int64_t> bytes, double seconds) {
  if (!bytes || seconds <= 0) return nullptr;
  return std::round(static_cast<double>(*bytes) / seconds);
}

Json last_json(const std::optional<schema::LastSummary>& last) {
  if (!last) return nullptr;
  return {{"seconds", std::round(last->seconds * 1e6) / 1e6},
          {"hits", last->hits},
          {"failed", last->failed},
          {"per_s", rounded(last->per_s)},
          {"bytes_sent", or_null(last->bytes_sent)},
          {"bytes_received", or_null(last->bytes_received)},
          {"p50_ms", milliseconds(last->response.p50_us)},
          {"p90_ms", milliseconds(last->response.p90_us)},
          {"p95_ms", milliseconds(last->response.p95_us)},
          {"p99_ms", milliseconds(last->response.p99_us)}};
}

Json run_json(const Summary& run) {
  return {{"run_id", run.run_id},
          {"number", run.number},
          {"state", schema::to_string(run.state)},
          {"final", run.final},
          {"elapsed_s", std::round(run.elapsed_s * 1e6) / 1e6},
          {"users", or_null(run.users)},
          {"workers", {{"active", run.workers_active}, {"total", run.workers_total}}},
          {"hits",
           {{"count", run.hits.count},
            {"failed", run.hits.failed},
            {"per_s", rounded(run.hits.per_s)}}},
          {"p95_ms", milliseconds(run.response.p95_us)},
          {"last_s", last_json(run.last)}};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string runs_message_json(const std::vector<SummaryRef>& runs, std::uint64_t seq) {
  Json json{{"type", "runs"}, {"seq", seq}, {"time", nullptr}, {"runs", Json::array()}};
  schema::Timestamp latest{};
  for (const SummaryRef& run : runs) {
    json["runs"].push_back(run_json(*run));
    latest = std::max(latest, run->time);
  }
  if (!runs.empty()) json["time"] = schema::format_time(latest);
  return dump(json);
}

std::string recent_json(std::string_view run_id, const std::deque<LiveTick>& ticks) {
  Json json{{"t_ms", Json::array()},
            {"per_s", Json::array()},
            {"failed_per_s", Json::array()},
            {"users", Json::array()},
            {"p50", Json::array()},
            {"p90", Json::array()},
            {"p95", Json::array()},
            {"p99", Json::array()},
            {"bytes_sent_per_s", Json::array()},
            {"bytes_received_per_s", Json::array()}};
  for (const LiveTick& tick : ticks) {
    const schema::LastSummary& last = tick.last;
    json["t_ms"].push_back(
        std::chrono::floor<std::chrono::milliseconds>(tick.time.time_since_epoch()).count());
    json["per_s"].push_back(rounded(last.per_s));
    json["failed_per_s"].push_back(rounded(schema::rate(last.failed, last.seconds)));
    json["users"].push_back(or_null(tick.users));
    json["p50"].push_back(milliseconds(last.response.p50_us));
    json["p90"].push_back(milliseconds(last.response.p90_us));
    json["p95"].push_back(milliseconds(last.response.p95_us));
    json["p99"].push_back(milliseconds(last.response.p99_us));
    json["bytes_sent_per_s"].push_back(bytes_per_s(last.bytes_sent, last.seconds));
    json["bytes_received_per_s"].push_back(bytes_per_s(last.bytes_received, last.seconds));
  }
  return dump(Json(run_id)) + ":" + dump(json);
}

}  // namespace weir::http
