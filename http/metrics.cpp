#include "http/metrics.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include <nlohmann/json.hpp>

namespace weir::http {
namespace {

using Json = nlohmann::json;
using schema::Summary;

// A figure of the broker: where it stands in the broker/ message, and what it is counted in.
struct BrokerMetric {
  const char* name;
  const char* type;
  const char* help;
  const char* pointer;
  double per_unit = 1;  // how many of those in the message make one of the metric
};

constexpr double kMsPerSecond = 1e3;
constexpr double kUsPerSecond = 1e6;

constexpr std::array kBrokerMetrics{
    BrokerMetric{"weir_uptime_seconds", "gauge", "Since the broker started.", "/uptime_s"},
    BrokerMetric{"weir_memory_bytes", "gauge", "Resident memory.", "/memory_bytes"},
    BrokerMetric{"weir_received_frames_total", "counter", "Frames and bodies received.",
                 "/received/frames"},
    BrokerMetric{"weir_received_bytes_total", "counter", "Bytes of these.", "/received/bytes"},
    BrokerMetric{"weir_messages_decoded_total", "counter", "Messages applied to a run.",
                 "/decoded"},
    BrokerMetric{"weir_messages_late_total", "counter", "Messages for a run that had ended.",
                 "/late"},
    BrokerMetric{"weir_hits_skewed_total", "counter", "Hits whose time was not believable.",
                 "/skewed"},
    BrokerMetric{"weir_messages_missing", "gauge",
                 "Messages never seen, by gaps in seq; falls when a gap is filled.", "/missing"},
    BrokerMetric{"weir_messages_duplicate_total", "counter",
                 "Messages seen twice by seq, applied once.", "/duplicate"},
    BrokerMetric{"weir_runs_active", "gauge", "Runs that go on.", "/runs/active"},
    BrokerMetric{"weir_connections_open", "gauge", "ZeroMQ connections of all sockets.",
                 "/connections/open_all"},
    BrokerMetric{"weir_subscribers", "gauge", "Connections to the live feed.", "/subscribers"},
    BrokerMetric{"weir_acked_batches_total", "counter", "Acknowledged batches taken.",
                 "/acked/batches"},
    BrokerMetric{"weir_acked_lost_total", "counter",
                 "Batches that were acknowledged and are gone: the journal was damaged.",
                 "/acked/lost"},
    BrokerMetric{"weir_journal_queue_bytes", "gauge", "Waiting for the journal.",
                 "/journal/queue_bytes"},
    BrokerMetric{"weir_journal_files_bytes", "gauge", "Of the journal's files.",
                 "/journal/files_bytes"},
    BrokerMetric{"weir_journal_sync_seconds", "gauge", "How long the last sync took.",
                 "/journal/last_sync_ms", kMsPerSecond},
    BrokerMetric{"weir_journal_left_out_total", "counter",
                 "Plain frames that found no room in the journal.", "/journal/not_journaled"},
    BrokerMetric{"weir_store_queue_rows", "gauge", "Rows waiting to be written.",
                 "/store/queue_rows"},
    BrokerMetric{"weir_store_rows_dropped_total", "counter", "Rows that found no room.",
                 "/store/rows_dropped"},
    BrokerMetric{"weir_store_hits_not_kept_total", "counter",
                 "Raw hits that were not kept; they count in every figure.",
                 "/store/hits_not_kept"},
    BrokerMetric{"weir_store_write_errors_total", "counter", "Writes that failed.",
                 "/store/write_errors"},
    BrokerMetric{"weir_store_write_seconds", "gauge", "How long the last write took.",
                 "/store/last_write_ms", kMsPerSecond},
    BrokerMetric{"weir_store_file_bytes", "gauge", "Of the results file, in use.",
                 "/store/file_bytes"},
    BrokerMetric{"weir_store_wal_bytes", "gauge", "Of its write-ahead log.", "/store/wal_bytes"},
    BrokerMetric{"weir_acked_retry_later_total", "counter",
                 "Acknowledged batches that were to be sent again later.", "/acked/retry_later"},
    BrokerMetric{"weir_http_requests_total", "counter", "Requests with messages that were taken.",
                 "/http/requests"},
    BrokerMetric{"weir_http_replayed_total", "counter",
                 "Requests known by their Idempotency-Key: answered, not applied.",
                 "/http/replayed"},
    BrokerMetric{"weir_http_retry_later_total", "counter",
                 "Requests with messages that were to be sent again later.", "/http/retry_later"},
    BrokerMetric{"weir_longest_pause_seconds", "gauge",
                 "Longest time since the last tick in which nothing was received.",
                 "/longest_pause_us", kUsPerSecond},
};

// A figure of each active run.
struct RunMetric {
  const char* name;
  const char* type;
  const char* help;
  std::optional<double> (*value)(const Summary& run);
};

std::optional<double> seconds(std::optional<std::int64_t> us) {
  if (!us) return std::nullopt;
  return static_cast<double>(*us) / kUsPerSecond;
}

constexpr std::array kRunMetrics{
    RunMetric{"weir_run_hits_total", "counter", "Hits of the run.",
              [](const Summary& run) -> std::optional<double> {
                return static_cast<double>(run.hits.count);
              }},
    RunMetric{"weir_run_hits_failed_total", "counter", "Hits that failed.",
              [](const Summary& run) -> std::optional<double> {
                return static_cast<double>(run.hits.failed);
              }},
    RunMetric{"weir_run_users", "gauge", "Concurrent users as reported.",
              [](const Summary& run) -> std::optional<double> {
                if (!run.users) return std::nullopt;
                return static_cast<double>(*run.users);
              }},
    RunMetric{"weir_run_workers_active", "gauge", "Workers heard of and not done.",
              [](const Summary& run) -> std::optional<double> {
                return static_cast<double>(run.workers_active);
              }},
};

// Of a label's value in the text format.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string{"\\n"} : std::string(1, c);
  }
  return out;
}

class MetricsText {
 public:
  void begin(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += std::string{"# HELP "} + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void add(double value, const std::string& labels = {}, const char* behind_name = "") {
    text_ += name_ + behind_name + (labels.empty() ? "" : "{" + labels + "}") + " " +
             Json(value).dump() + "\n";
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_, name_;
};

std::string run_label(const Summary& run) { return "run_id=\"" + escaped(run.run_id) + "\""; }

void add_rejected(MetricsText& text, const Json& broker) {
  const Json rejected = broker.value(Json::json_pointer{"/rejected"}, Json::object());
  text.begin("weir_messages_rejected_total", "counter", "Messages refused, by reason.");
  for (const auto& [reason, count] : rejected.items()) {
    if (reason == "total" || !count.is_number()) continue;
    text.add(count.get<double>(), "reason=\"" + escaped(reason) + "\"");
  }
}

// 1: it is well.
void add_state(MetricsText& text, const char* name, const char* help, bool is_well) {
  text.begin(name, "gauge", help);
  text.add(is_well ? 1 : 0);
}

void add_states(MetricsText& text, const Json& broker) {
  if (const Json state = broker.value(Json::json_pointer{"/journal/state"}, Json{});
      state.is_string()) {
    add_state(text, "weir_journal_ok", "1: the journal can be written, 0: not.", state == "ok");
  }
  const Json store = broker.value("store", Json::object());
  const bool is_written = store.value("last_error", Json{}).is_null();
  add_state(text, "weir_store_ok", "1: the results file can be written, 0: not.",
            is_written && !store.value("sync_failed", false));
}

void add_response_times(MetricsText& text, const std::vector<SummaryRef>& runs) {
  text.begin("weir_run_response_seconds", "summary", "Response times of the run so far.");
  for (const SummaryRef& run : runs) {
    const schema::DurationSummary& response = run->response;
    const std::array<std::pair<const char*, std::optional<std::int64_t>>, 5> quantiles{
        {{"0.5", response.p50_us},
         {"0.9", response.p90_us},
         {"0.95", response.p95_us},
         {"0.99", response.p99_us},
         {"0.999", response.p999_us}}};
    for (const auto& [quantile, us] : quantiles) {
      if (const auto value = seconds(us)) {
        text.add(*value, run_label(*run) + ",quantile=\"" + quantile + "\"");
      }
    }
    const auto count = static_cast<double>(response.count);
    text.add(response.mean_us.value_or(0) * count / kUsPerSecond, run_label(*run), "_sum");
    text.add(count, run_label(*run), "_count");
  }
}

}  // namespace

std::string metrics_text(std::string_view version, std::string_view broker_json,
                         const std::vector<SummaryRef>& runs) {
  MetricsText text;
  text.begin("weir_build_info", "gauge", "Which weir this is; always 1.");
  text.add(1, "version=\"" + escaped(version) + "\"");
  const Json broker = Json::parse(broker_json, nullptr, /*allow_exceptions=*/false);
  if (!broker.is_object()) return std::move(text).take();
  for (const BrokerMetric& metric : kBrokerMetrics) {
    const Json value = broker.value(Json::json_pointer{metric.pointer}, Json{});
    if (!value.is_number()) continue;
    text.begin(metric.name, metric.type, metric.help);
    text.add(value.get<double>() / metric.per_unit);
  }
  add_rejected(text, broker);
  add_states(text, broker);
  std::vector<SummaryRef> active;
  for (const SummaryRef& run : runs) {
    if (!run->final) active.push_back(run);
  }
  if (active.empty()) return std::move(text).take();
  for (const RunMetric& metric : kRunMetrics) {
    text.begin(metric.name, metric.type, metric.help);
    for (const SummaryRef& run : active) {
      if (const auto value = metric.value(*run)) text.add(*value, run_label(*run));
    }
  }
  add_response_times(text, active);
  return std::move(text).take();
}

}  // namespace weir::http
