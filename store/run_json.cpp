#include "store/run_json.hpp"

#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "schema/summary_json.hpp"

namespace weir::store {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json parsed_summary(const schema::Summary& summary) {
  schema::SummaryShape shape;
  shape.labels_max = std::numeric_limits<std::size_t>::max();
  shape.errors_max = shape.labels_max;
  shape.tracebacks = true;
  return Json::parse(schema::summary_to_json(summary, shape));
}

// Durations in the shape that the feed gives them.
Json durations_json(const schema::DurationSummary& durations) {
  schema::Summary summary;
  summary.response = durations;
  return parsed_summary(summary)["response_ms"];
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// What the row of a run adds to its summary.
Json row_json(const RunRow& row) {
  Json tags = Json::object();
  for (const schema::TagRecord& tag : row.tags) tags[tag.key] = tag.value;
  Json json = {{"number", row.run},
               {"run_id", row.run_id},
               {"name", row.name},
               {"project", row.project},
               {"scenario", row.scenario},
               {"source", row.source},
               {"state", schema::to_string(row.state)}};
  json["result"] = row.result ? Json(schema::to_string(*row.result)) : Json(nullptr);
  json["started"] = schema::format_time(row.started);
  json["ended"] = row.ended ? Json(schema::format_time(*row.ended)) : Json(nullptr);
  json["elapsed_s"] = row.elapsed_s();
  json["users_max"] = or_null(row.users_max);
  json["tags"] = std::move(tags);
  json["note"] = row.note;
  json["baseline"] = row.baseline;
  json["hits_not_kept"] = row.hits_not_kept;
  json["broker_version"] = row.broker_version;
  return json;
}

Json workers_json(const std::vector<schema::WorkerRecord>& workers) {
  Json list = Json::array();
  for (const schema::WorkerRecord& worker : workers) {
    list.push_back({{"worker_id", worker.worker_id},
                    {"region", worker.region},
                    {"first", schema::format_time(worker.first)},
                    {"last", schema::format_time(worker.last)},
                    {"messages", worker.messages},
                    {"missing", worker.missing},
                    {"duplicate", worker.duplicate},
                    {"late", worker.late}});
  }
  return list;
}

Json tests_json(const std::vector<schema::TestRecord>& tests) {
  Json list = Json::array();
  for (const schema::TestRecord& test : tests) {
    list.push_back({{"test", test.test},
                    {"started", test.started},
                    {"finished", test.finished},
                    {"success", test.success},
                    {"failure", test.failure},
                    {"error", test.error},
                    {"duration_ms", durations_json(schema::summarize_durations(test.durations))}});
  }
  return list;
}

Json events_json(const std::vector<schema::EventRecord>& events) {
  Json list = Json::array();
  for (const schema::EventRecord& event : events) {
    Json detail = Json::parse(event.detail, nullptr, false);
    if (detail.is_discarded()) detail = event.detail.empty() ? Json(nullptr) : Json(event.detail);
    list.push_back({{"time", schema::format_time(event.time)},
                    {"event", event.kind},
                    {"detail", std::move(detail)}});
  }
  return list;
}

}  // namespace

std::string runs_to_json(const std::vector<RunRow>& runs) {
  Json list = Json::array();
  for (const RunRow& row : runs) {
    Json json = row_json(row);
    json["workers"] = row.workers;
    json["hits"] = {{"count", row.response.count}, {"failed", row.failed}};
    json["response_ms"] = durations_json(row.response);
    list.push_back(std::move(json));
  }
  return dump(list);
}

std::string report_to_json(const RunReport& report) {
  Json json = parsed_summary(report.summary);
  const Json row = row_json(report.row);
  for (const auto& [key, value] : row.items()) json[key] = value;
  json["workers_list"] = workers_json(report.workers);
  json["tests_list"] = tests_json(report.tests);
  json["events"] = events_json(report.events);
  Json rejects = Json::object();
  for (const schema::RejectRecord& reject : report.rejects) rejects[reject.reason] = reject.count;
  json["rejected"] = std::move(rejects);
  return dump(json);
}

}  // namespace weir::store
