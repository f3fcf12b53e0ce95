#include "schema/summary_json.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

namespace weir::schema {
namespace {

using Json = nlohmann::ordered_json;

double round_to(double value, double steps_per_unit) {
  return std::round(value * steps_per_unit) / steps_per_unit;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json rate(std::optional<double> per_s) {
  return per_s ? Json(round_to(*per_s, 1e4)) : Json(nullptr);
}

// 1.0 means that nothing failed and 0.0 that nothing succeeded, however many hits there are.
Json success_rate(std::optional<double> share) {
  if (!share) return nullptr;
  constexpr double kStep = 1e-6;
  if (*share <= 0 || *share >= 1) return *share;
  return std::clamp(round_to(*share, 1e6), kStep, 1 - kStep);
}

Json milliseconds(std::optional<std::int64_t> us) {
  return us ? Json(static_cast<double>(*us) / 1e3) : Json(nullptr);
}

Json milliseconds(std::optional<double> us) {
  return us ? Json(std::round(*us) / 1e3) : Json(nullptr);
}

Json duration_json(const DurationSummary& summary) {
  return {{"count", summary.count},
          {"mean", milliseconds(summary.mean_us)},
          {"sd", milliseconds(summary.sd_us)},
          {"min", milliseconds(summary.min_us)},
          {"max", milliseconds(summary.max_us)},
          {"p50", milliseconds(summary.p50_us)},
          {"p90", milliseconds(summary.p90_us)},
          {"p95", milliseconds(summary.p95_us)},
          {"p99", milliseconds(summary.p99_us)},
          {"p999", milliseconds(summary.p999_us)}};
}

// Appends without looking for an equal key first, which would cost the square of the number of
// counters: the keys are distinct already.
Json counts_json(const NamedCounts& counts) {
  Json::object_t object;
  object.reserve(counts.size());
  for (const auto& [name, count] : counts) object.emplace_back(name, count);
  return object;
}

Json counts_json(const StatusCounts& counts) {
  Json::object_t object;
  object.reserve(counts.size());
  for (const auto& [status, count] : counts) object.emplace_back(std::to_string(status), count);
  return object;
}

Json hits_json(const HitsSummary& hits) {
  return {{"count", hits.count},
          {"failed", hits.failed},
          {"success_rate", success_rate(hits.success_rate)},
          {"per_s", rate(hits.per_s)},
          {"bytes_sent", or_null(hits.bytes_sent)},
          {"bytes_received", or_null(hits.bytes_received)}};
}

Json tests_json(const TestsSummary& tests) {
  return {{"started", tests.started}, {"finished", tests.finished}, {"success", tests.success},
          {"failure", tests.failure}, {"error", tests.error},       {"per_s", rate(tests.per_s)}};
}

Json sockets_json(const SocketsSummary& sockets) {
  return {{"opened", sockets.opened},
          {"closed", sockets.closed},
          {"open", sockets.open},
          {"messages", sockets.messages},
          {"bytes_received", sockets.bytes_received}};
}

Json label_json(const LabelSummary& label) {
  Json json = {{"label", label.label}};
  if (!label.name.empty()) json["name"] = label.name;
  json["method"] = label.method;
  json["url"] = label.url;
  json["count"] = label.count;
  json["failed"] = label.failed;
  json["per_s"] = rate(label.per_s);
  if (label.bytes_sent) json["bytes_sent"] = *label.bytes_sent;
  if (label.bytes_received) json["bytes_received"] = *label.bytes_received;
  json["response_ms"] = duration_json(label.response);
  json["status"] = counts_json(label.status);
  return json;
}

Json error_json(const ErrorSummary& error, const SummaryShape& shape) {
  Json json = {{"kind", error.kind}, {"class", error.class_name}, {"message", error.message}};
  if (shape.tracebacks) json["traceback"] = error.traceback;
  json["count"] = error.count;
  json["first"] = format_time(error.first);
  json["last"] = format_time(error.last);
  return json;
}

Json last_json(const std::optional<LastSummary>& last) {
  if (!last) return nullptr;
  return {{"seconds", round_to(last->seconds, 1e6)},
          {"hits", last->hits},
          {"failed", last->failed},
          {"per_s", rate(last->per_s)},
          {"bytes_sent", or_null(last->bytes_sent)},
          {"bytes_received", or_null(last->bytes_received)},
          {"response_ms", duration_json(last->response)}};
}

Json labels_json(const Summary& summary, const SummaryShape& shape) {
  Json labels = Json::array();
  const std::size_t shown = std::min(shape.labels_max, summary.labels.size());
  for (std::size_t i = 0; i < shown; ++i) labels.push_back(label_json(summary.labels[i]));
  return labels;
}

Json errors_json(const Summary& summary, const SummaryShape& shape) {
  Json errors = Json::array();
  const std::size_t shown = std::min(shape.errors_max, summary.errors.size());
  for (std::size_t i = 0; i < shown; ++i) errors.push_back(error_json(summary.errors[i], shape));
  return errors;
}

}  // namespace

std::string summary_to_json(const Summary& summary, const SummaryShape& shape) {
  Json json = {{"type", "summary"},
               {"run_id", summary.run_id},
               {"number", summary.number},
               {"seq", summary.seq},
               {"time", format_time(summary.time)},
               {"state", to_string(summary.state)},
               {"final", summary.final},
               {"elapsed_s", round_to(summary.elapsed_s, 1e6)},
               {"workers", {{"active", summary.workers_active}, {"total", summary.workers_total}}},
               {"users", or_null(summary.users)},
               {"hits", hits_json(summary.hits)},
               {"response_ms", duration_json(summary.response)},
               {"tests", tests_json(summary.tests)},
               {"sockets", sockets_json(summary.sockets)},
               {"counters", counts_json(summary.counters)},
               {"status", counts_json(summary.status)},
               {"method", counts_json(summary.method)}};
  json["labels"] = labels_json(summary, shape);
  json["labels_total"] = summary.labels_total;
  json["errors"] = errors_json(summary, shape);
  json["urls_distinct"] = summary.urls_distinct;
  json["errors_total"] = summary.errors_total;
  json["late"] = summary.late;
  json["skewed"] = summary.skewed;
  json["clamped"] = summary.clamped;
  json["missing"] = summary.missing;
  json["duplicate"] = summary.duplicate;
  json["last_s"] = last_json(summary.last);
  return json.dump(shape.pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weir::schema
