#include "broker/feed_json.hpp"

#include <numeric>

#include <nlohmann/json.hpp>

namespace weir::broker {

using Json = nlohmann::ordered_json;
using aggregator::Run;
using aggregator::RunEvent;
using aggregator::RunEventKind;

namespace {

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Json detail_of(const Run& run, const RunEvent& event) {
  Json detail = Json::object();
  if (!event.worker_id.empty()) detail["worker_id"] = event.worker_id;
  if (event.kind == RunEventKind::finished) detail["state"] = schema::to_string(run.state());
  if (event.away_from) {
    detail["from"] = schema::format_time(*event.away_from);
    detail["to"] = schema::format_time(event.time);
  }
  return detail;
}

Json connections_json(const Connections::Counts& counts) {
  return {{"open", counts.open()},
          {"accepted", counts.accepted},
          {"disconnected", counts.disconnected},
          {"accepts_failed", counts.accepts_failed}};
}

// Of the ingest port, and then of all sockets.
Json all_connections_json(const BrokerStatus& status) {
  Json json = connections_json(status.ingest_connections);
  json["open_all"] = status.connections_open;
  json["handshakes_failed"] = status.handshakes_failed;
  json["refused_key"] = status.refused.refused_key;
  json["refused_role"] = status.refused.refused_role;
  json["refused_limit"] = status.refused.refused_limit;
  return json;
}

Json acked_json(const BrokerStatus& status) {
  const AckedReception::Counts& counts = status.acked;
  return {{"senders", status.acked_senders},
          {"batches", counts.batches},
          {"duplicate", counts.duplicate},
          {"malformed", counts.malformed},
          {"too_large", counts.too_large},
          {"out_of_order", counts.out_of_order},
          {"retry_later", counts.retry_later},
          {"denied", counts.denied},
          {"bad_requests", counts.bad_requests},
          {"lost", status.acked_lost},
          {"connections", connections_json(status.acked_connections)}};
}

Json journal_json(const BrokerStatus& status) {
  if (!status.journal) return nullptr;
  const JournalStats& journal = *status.journal;
  return {{"state", to_string(journal.state)},
          {"written", journal.written},
          {"durable", journal.durable},
          {"records", journal.records},
          {"groups", journal.groups},
          {"syncs", journal.syncs},
          {"last_sync_ms", journal.last_sync.count()},
          {"queue_bytes", journal.queue_bytes},
          {"files_bytes", journal.files_bytes},
          {"not_journaled", status.not_journaled},
          {"last_error", journal.last_error.empty() ? Json(nullptr) : Json(journal.last_error)}};
}

Json rejected_json(const BrokerStatus& status) {
  Json rejected;
  rejected["total"] =
      std::accumulate(status.rejected.begin(), status.rejected.end(), std::uint64_t{0});
  for (std::size_t i = 0; i < status.rejected.size(); ++i) {
    rejected[std::string(schema::to_string(static_cast<schema::ErrorCode>(i)))] =
        status.rejected[i];
  }
  return rejected;
}

Json store_json(const StoreStats& store) {
  return {{"queue_rows", store.queue_rows},
          {"rows_dropped", store.rows_dropped},
          {"hits_not_kept", store.hits_not_kept},
          {"batches", store.batches},
          {"write_errors", store.write_errors},
          {"sync_failed", store.sync_failed},
          {"last_write_ms", store.last_write.count()},
          {"runs_expired", store.runs_expired},
          {"file_bytes", store.file_bytes},
          {"wal_bytes", store.wal_bytes},
          {"last_error", store.last_error.empty() ? Json(nullptr) : Json(store.last_error)}};
}

}  // namespace

std::string run_event_json(const Run& run, const RunEvent& event, std::uint64_t seq) {
  Json json{{"type", "run"},
            {"run_id", run.run_id()},
            {"number", run.number()},
            {"seq", seq},
            {"time", schema::format_time(event.time)},
            {"event", aggregator::to_string(event.kind)}};
  json.update(detail_of(run, event));
  return dump(json);
}

std::string broker_json(const BrokerStatus& status, std::uint64_t seq) {
  const Json json{{"type", "broker"},
                  {"seq", seq},
                  {"time", schema::format_time(status.time)},
                  {"uptime_s", status.uptime.count()},
                  {"received", {{"frames", status.frames}, {"bytes", status.bytes}}},
                  {"decoded", status.decoded},
                  {"rejected", rejected_json(status)},
                  {"repaired", status.repaired},
                  {"late", status.late},
                  {"skewed", status.skewed},
                  {"missing", status.missing},
                  {"duplicate", status.duplicate},
                  {"tests_unmeasured", status.tests_unmeasured},
                  {"late_samples_not_placed", status.late_samples_not_placed},
                  {"beyond_limits",
                   {{"hits", status.beyond_limits.hits},
                    {"tests", status.beyond_limits.tests},
                    {"counters", status.beyond_limits.counters},
                    {"errors", status.beyond_limits.errors}}},
                  {"runs", {{"active", status.runs_active}, {"known", status.runs_known}}},
                  {"connections", all_connections_json(status)},
                  {"acked", acked_json(status)},
                  {"http",
                   {{"accepting", status.http_accepting},
                    {"requests", status.http.requests},
                    {"replayed", status.http.replayed},
                    {"retry_later", status.http.retry_later}}},
                  {"journal", journal_json(status)},
                  {"store", store_json(status.store)},
                  {"subscribers", status.feed_connections.open()},
                  {"longest_pause_us", status.longest_pause.count()},
                  {"memory_bytes", status.memory_bytes}};
  return dump(json);
}

std::string run_finished_json(std::string_view run_id) {
  return dump(Json{{"data_type", "run-finished"}, {"run_id", run_id}});
}

std::string batches_lost_json(std::uint64_t batches) { return dump(Json{{"batches", batches}}); }

std::string broker_started_json(const schema::Checkpoint& last, const Recovery& recovery) {
  const bool is_first = last.position == 0 && last.time == schema::Timestamp{};
  return dump(Json{{"version", WEIR_VERSION},
                   {"before", is_first       ? "nothing"
                              : last.stopped ? "stopped"
                                             : "died"},
                   {"checkpoint", is_first ? Json(nullptr) : Json(schema::format_time(last.time))},
                   {"runs", recovery.runs},
                   {"records_replayed", recovery.records},
                   {"messages_replayed", recovery.messages},
                   {"records_lost", recovery.records_lost},
                   {"damages", recovery.journal.damages_total}});
}

std::string event_detail_json(const Run& run, const RunEvent& event) {
  const Json detail = detail_of(run, event);
  return detail.empty() ? std::string{} : dump(detail);
}

}  // namespace weir::broker
