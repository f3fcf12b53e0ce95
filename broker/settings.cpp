#include "broker/settings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/nearest.hpp"
#include "store/journal_record.hpp"

namespace weir::broker {
namespace {

template <auto Part, auto Member>
Field at(Config& config) {
  return &(config.*Part.*Member);
}

using aggregator::LabelConfig;
using aggregator::LimitsConfig;
using aggregator::RunConfig;
using http::HttpConfig;
using store::StoreConfig;

constexpr double kMebi = 1 << 20;
constexpr double kGibi = 1 << 30;
constexpr double kDay = 86'400;
constexpr std::array<std::string_view, 3> kDurabilities{"disk", "os", "off"};
constexpr std::array<std::string_view, 5> kLogLevels{"off", "error", "warn", "info", "debug"};

constexpr std::array kSections{
    Section{"ingest", "Messages in, from any loads runner (ZeroMQ PUSH)."},
    Section{"acked", "Acknowledged batches in (ZeroMQ DEALER, weir-ack/1)."},
    Section{"journal",
            "What survives a crash, by kind of ingest: disk (power cuts too), os (the end of the "
            "process), off."},
    Section{"feed", "Live summaries out (ZeroMQ SUB)."},
    Section{"relay", "Accepted raw messages out (ZeroMQ SUB); off unless it has an endpoint."},
    Section{"http", "HTTP and WebSocket: the API, live figures, the dashboard."},
    Section{"store", "The results file (SQLite)."},
    Section{"run", "When a run ends."},
    Section{"labels", "How hits are grouped."},
    Section{"limits", "Bounds of what messages can make the broker hold."},
    Section{"log", "What is logged to stderr."},
    Section{"security", "Who may connect."},
};

constexpr std::array kSettings{
    Setting{"ingest", "endpoints", at<&Config::ingest, &IngestConfig::endpoints>,
            "Where runners send to; port 0 or * takes a free one.", 1, 16, TextForm::endpoint},
    Setting{"ingest", "rcvhwm", at<&Config::ingest, &IngestConfig::rcvhwm>,
            "Frames queued per connection before its runner is held back.", 1, 1'000'000},
    Setting{"ingest", "max_msg_bytes", at<&Config::ingest, &IngestConfig::max_msg_bytes>,
            "A larger frame costs its sender the connection; at least limits.frame_bytes.", 1'024,
            4 * kGibi},
    Setting{"ingest", "handshake_ivl_s", at<&Config::ingest, &IngestConfig::handshake_ivl>,
            "A connection that has not introduced itself by then is closed.", 0.1, 3'600},
    Setting{"ingest", "frames_per_turn", at<&Config::ingest, &IngestConfig::frames_per_turn>,
            "Frames taken in one turn, which also ends after 256 KiB or 5 ms.", 1, 1'000'000},
    Setting{"acked", "endpoint", at<&Config::acked, &AckedConfig::endpoint>,
            "Where senders connect to; port 0 or * takes a free one, empty: nowhere.", 0, 0,
            TextForm::endpoint_or_empty},
    Setting{"acked", "rcvhwm", at<&Config::acked, &AckedConfig::rcvhwm>,
            "Frames queued per connection before its sender is held back.", 1, 1'000'000},
    Setting{"acked", "credit", at<&Config::acked, &AckedConfig::credit>,
            "Batches that a sender may have unacknowledged.", 1, 1'000'000},
    Setting{"acked", "max_batch_bytes", at<&Config::acked, &AckedConfig::max_batch_bytes>,
            "A larger batch is refused, too_large; at most limits.frame_bytes.", 1'024,
            static_cast<double>(store::kMaxJournalRecordBytes) / 2},
    Setting{"acked", "connections", at<&Config::acked, &AckedConfig::connections>,
            "Connections that said hello; more are told to come later.", 1, 1e6},
    Setting{"acked", "senders", at<&Config::acked, &AckedConfig::senders>,
            "Senders whose last batch is remembered, for at least a day; more: denied.", 1, 1e8},
    Setting{"acked", "idle_timeout_s", at<&Config::acked, &AckedConfig::idle_timeout>,
            "A connection silent for so long has to say hello again.", 1, 7 * kDay},
    Setting{"journal", "acked", at<&Config::journal, &JournalConfig::acked>,
            "What an acknowledgement promises.", 0, 0, TextForm::choice, kDurabilities},
    Setting{"journal", "http", at<&Config::journal, &JournalConfig::http>,
            "What the answer to messages over HTTP promises.", 0, 0, TextForm::choice,
            kDurabilities},
    Setting{"journal", "plain", at<&Config::journal, &JournalConfig::plain>,
            "The same for plain PUSH, which is not answered.", 0, 0, TextForm::choice,
            kDurabilities},
    Setting{"journal", "segment_bytes", at<&Config::journal, &JournalConfig::segment_bytes>,
            "Size of its files, taken from the disk ahead.", 65'536, store::kMaxSegmentBytes},
    Setting{"journal", "max_bytes", at<&Config::journal, &JournalConfig::max_bytes>,
            "All of its files; more: senders are told to come later, plain PUSH is not journaled.",
            131'072, 1'024 * kGibi},
    Setting{"journal", "queue_bytes", at<&Config::journal, &JournalConfig::queue_bytes>,
            "Waiting for the disk; more: as with max_bytes.", 65'536, 64 * kGibi},
    Setting{"journal", "group_bytes", at<&Config::journal, &JournalConfig::group_bytes>,
            "Written and synced at the latest when so much waits.", 1, kGibi},
    Setting{"journal", "group_ms", at<&Config::journal, &JournalConfig::group>,
            "Written and synced at the latest after so long.", 0, 10'000},
    Setting{"feed", "endpoint", at<&Config::feed, &FeedConfig::endpoint>,
            "Where live summaries are published; port 0 or * takes a free one.", 0, 0,
            TextForm::endpoint},
    Setting{"feed", "tick_ms", at<&Config::feed, &FeedConfig::tick>, "Time between two summaries.",
            100, 60'000},
    Setting{"feed", "sndhwm", at<&Config::feed, &FeedConfig::sndhwm>,
            "Messages queued per subscriber; a slower one misses some, which seq shows.", 1,
            1'000'000},
    Setting{"feed", "labels_max", at<&Config::feed, &FeedConfig::labels_max>,
            "Labels in a summary, by count; all are stored.", 0, 10'000},
    Setting{"feed", "errors_max", at<&Config::feed, &FeedConfig::errors_max>,
            "Errors in a summary, by count; all are stored.", 0, 1'000},
    Setting{"relay", "endpoint", at<&Config::relay, &RelayConfig::endpoint>,
            "Where accepted messages are published as they came; empty: nowhere.", 0, 0,
            TextForm::endpoint_or_empty},
    Setting{"relay", "sndhwm", at<&Config::relay, &RelayConfig::sndhwm>,
            "Messages queued per subscriber; a slower one misses some.", 1, 1'000'000},
    Setting{"http", "endpoint", at<&Config::http, &HttpConfig::endpoint>,
            "Where HTTP is spoken; port 0 or * takes a free one.", 0, 0,
            TextForm::address_or_empty},
    Setting{"http", "hosts", at<&Config::http, &HttpConfig::hosts>,
            "Names by which this server is reached, beside localhost and IP addresses.", 0, 64},
    Setting{"http", "origins", at<&Config::http, &HttpConfig::origins>,
            "Pages of others that may use the API, such as \"https://grafana.example\" (CORS).", 0,
            64},
    Setting{"http", "tls_cert", at<&Config::http, &HttpConfig::tls_cert>,
            "Certificate and those above it (PEM); with tls_key HTTP becomes HTTPS.", 0, 0,
            TextForm::any_or_empty},
    Setting{"http", "tls_key", at<&Config::http, &HttpConfig::tls_key>, "Its private key (PEM).", 0,
            0, TextForm::any_or_empty},
    Setting{"http", "connections", at<&Config::http, &HttpConfig::connections>,
            "Connections open at a time; more are told to come later.", 1, 1e6},
    Setting{"http", "body_bytes", at<&Config::http, &HttpConfig::body_bytes>,
            "Largest body of a request, as it comes; more: 413. At most half of "
            "journal.queue_bytes.",
            1'024, 32 * kMebi},
    Setting{"http", "inflated_bytes", at<&Config::http, &HttpConfig::inflated_bytes>,
            "The same once gzip is inflated.", 1'024, 32 * kMebi},
    Setting{"http", "bodies_bytes", at<&Config::http, &HttpConfig::bodies_bytes>,
            "Bodies of all requests at a time; more are told to come later.", 1'024, 64 * kGibi},
    Setting{"http", "request_timeout_s", at<&Config::http, &HttpConfig::request_timeout>,
            "A request that has not come whole by then is refused.", 0.1, 3'600},
    Setting{"http", "idle_timeout_s", at<&Config::http, &HttpConfig::idle_timeout>,
            "A connection without a request for so long is closed.", 0.1, 3'600},
    Setting{"http", "viewer_timeout_s", at<&Config::http, &HttpConfig::viewer_timeout>,
            "A live viewer that does not take a message for so long is dropped.", 0.1, 3'600},
    Setting{"http", "query_threads", at<&Config::http, &HttpConfig::query_threads>,
            "Threads that read the results file.", 1, 64},
    Setting{"http", "queries", at<&Config::http, &HttpConfig::queries>,
            "Questions about the results file at a time; more are told to come later.", 1, 1e6},
    Setting{"http", "inbox_bytes", at<&Config::http, &HttpConfig::inbox_bytes>,
            "Messages waiting for the broker's loop; more are told to come later.", 1'024,
            64 * kGibi},
    Setting{"http", "idempotency_keys", at<&Config::http, &HttpConfig::idempotency_keys>,
            "Idempotency-Keys remembered; beyond, the oldest is forgotten.", 0, 1e8},
    Setting{"store", "db", at<&Config::store, &StoreConfig::db>,
            "The results file; made if there is none."},
    Setting{"store", "data", at<&Config::store, &StoreConfig::data>,
            "The folder of tokens, keys and the journal; empty: weir-data beside the results file.",
            0, 0, TextForm::any_or_empty},
    Setting{"store", "hits_max_per_run", at<&Config::store, &StoreConfig::hits_max_per_run>,
            "Raw hits kept per run: so many successes and as many failures.", 0, 1e9},
    Setting{
        "store", "queue_rows", at<&Config::store, &StoreConfig::queue_rows>,
        "Rows waiting to be written, at most half of them raw hits; more are dropped and counted.",
        1'000, 1e8},
    Setting{"store", "busy_timeout_s", at<&Config::store, &StoreConfig::busy_timeout>,
            "At the start, wait so long for another program that holds the results file.", 0,
            3'600},
    Setting{"store", "checkpoint_s", at<&Config::store, &StoreConfig::checkpoint>,
            "The results file is made safe from power cuts, and very large runs written, so often.",
            0.1, 3'600},
    Setting{"store", "retention_days", at<&Config::store, &StoreConfig::retention_days>,
            "Runs that ended longer ago are deleted, never a baseline; 0: none.", 0, 36'500},
    Setting{"store", "max_bytes", at<&Config::store, &StoreConfig::max_bytes>,
            "When the results file holds more, ended runs are deleted, the oldest first, never a "
            "baseline; 0: no limit.",
            0, 1'048'576 * kGibi},
    Setting{"store", "keep_query", at<&Config::labels, &LabelConfig::keep_query>,
            "Stored raw URLs keep their query, which may carry secrets."},
    Setting{"run", "end_grace_s", at<&Config::run, &RunConfig::end_grace>,
            "Wait for late starters after the last stopTestRun.", 0, 3'600},
    Setting{"run", "idle_timeout_s", at<&Config::run, &RunConfig::idle_timeout>,
            "A run without a message for so long ends.", 0.1, 7 * kDay},
    Setting{"run", "late_grace_s", at<&Config::run, &RunConfig::late_grace>,
            "Messages for an ended run still count for so long; then: rejected, closed_run.", 0,
            7 * kDay},
    Setting{"run", "worker_lost_s", at<&Config::run, &RunConfig::worker_lost>,
            "A worker silent for so long is announced as lost while its run goes on.", 0.1,
            7 * kDay},
    Setting{"labels", "templating", at<&Config::labels, &LabelConfig::templating>,
            "Path segments that look like ids become {id}."},
    Setting{"limits", "connections", at<&Config::security, &SecurityConfig::connections>,
            "Open connections of all sockets; more wait for one to end; 0: no limit.", 0, 1e6},
    Setting{"limits", "frame_bytes", at<&Config::limits, &LimitsConfig::frame_bytes>,
            "Larger frames: rejected, too_large.", 1'024, kGibi},
    Setting{"limits", "depth", at<&Config::limits, &LimitsConfig::depth>,
            "Deeper JSON: rejected, too_deep.", 4, 1'000},
    Setting{"limits", "runs", at<&Config::limits, &LimitsConfig::runs>,
            "Runs at a time; more: rejected, limit_runs.", 1, 1e6},
    Setting{"limits", "closed_runs", at<&Config::limits, &LimitsConfig::closed_runs>,
            "Ended runs remembered, so that their messages are not a new run.", 0, 1e8},
    Setting{"limits", "workers_per_run", at<&Config::limits, &LimitsConfig::workers_per_run>,
            "More: rejected, limit_workers.", 1, 1e7},
    Setting{"limits", "workers", at<&Config::limits, &LimitsConfig::workers>,
            "Workers of all runs in memory; more: rejected, limit_workers.", 1, 1e8},
    Setting{"limits", "labels_per_run", at<&Config::limits, &LimitsConfig::labels_per_run>,
            "More: the URL becomes (other); method and status stay.", 1, 1e7},
    Setting{"limits", "methods_per_run", at<&Config::limits, &LimitsConfig::methods_per_run>,
            "More: the method becomes (other).", 1, 1e4},
    Setting{"limits", "url_cache_per_run", at<&Config::limits, &LimitsConfig::url_cache_per_run>,
            "URLs whose label is remembered; for others it is worked out each time.", 1, 1e8},
    Setting{"limits", "tests_per_run", at<&Config::limits, &LimitsConfig::tests_per_run>,
            "More: counted under the test (other).", 1, 1e7},
    Setting{"limits", "open_tests_per_run", at<&Config::limits, &LimitsConfig::open_tests_per_run>,
            "Tests running at a time whose duration is measured.", 0, 1e8},
    Setting{"limits", "counters_per_run", at<&Config::limits, &LimitsConfig::counters_per_run>,
            "More: counted under the counter (other).", 1, 1e6},
    Setting{"limits", "errors_per_run", at<&Config::limits, &LimitsConfig::errors_per_run>,
            "Different errors; more: counted under the class (other).", 1, 1e6},
    Setting{"limits", "late_intervals_per_run",
            at<&Config::limits, &LimitsConfig::late_intervals_per_run>,
            "Past intervals changed between two ticks; more: totals only.", 0, 1e7},
    Setting{"limits", "sequence_gaps", at<&Config::limits, &LimitsConfig::sequence_gaps>,
            "Open gaps in a worker's seq; more: the oldest count as missing.", 1, 1e6},
    Setting{"limits", "text_bytes", at<&Config::limits, &LimitsConfig::text_bytes>,
            "Longer labels, URLs, names and error messages are cut.", 64, kMebi},
    Setting{"limits", "traceback_bytes", at<&Config::limits, &LimitsConfig::traceback_bytes>,
            "Longer tracebacks are cut.", 0, kMebi},
    Setting{"limits", "tags_per_run", at<&Config::limits, &LimitsConfig::tags_per_run>,
            "More are left out.", 0, 10'000},
    Setting{"limits", "reject_samples_per_reason",
            at<&Config::limits, &LimitsConfig::reject_samples_per_reason>,
            "Refused messages kept for a look, 1 KiB of each.", 0, 100'000},
    Setting{"log", "level", at<&Config::log, &LogConfig::level>, "Each level has those before it.",
            0, 0, TextForm::choice, kLogLevels},
    Setting{"security", "curve", at<&Config::security, &SecurityConfig::curve>,
            "ZeroMQ connections are encrypted, and only known keys may connect (weir keygen)."},
    Setting{"security", "server_key", at<&Config::security, &SecurityConfig::server_key>,
            "The broker's key pair; empty: curve-server.key in the data folder.", 0, 0,
            TextForm::any_or_empty},
    Setting{"security", "clients", at<&Config::security, &SecurityConfig::clients>,
            "Public keys that may connect, with role and name; empty: curve-clients in the data "
            "folder.",
            0, 0, TextForm::any_or_empty},
    Setting{"security", "insecure_bind", at<&Config::security, &SecurityConfig::insecure_bind>,
            "Listen beyond loopback although nobody has to authenticate."},
};

std::string upper(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::vector<std::string> all_names(std::string (*name)(const Setting&)) {
  std::vector<std::string> names(kSettings.size());
  std::transform(kSettings.begin(), kSettings.end(), names.begin(), name);
  return names;
}

std::string question(std::string_view typed, const std::vector<std::string>& names) {
  const auto nearest = nearest_name(typed, names);
  return nearest ? "; did you mean " + std::string{*nearest} + "?" : "";
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }
std::span<const Section> sections() { return kSections; }

const Setting* find_setting(std::string_view name) {
  const auto found =
      std::find_if(kSettings.begin(), kSettings.end(),
                   [name](const Setting& setting) { return setting_name(setting) == name; });
  return found == kSettings.end() ? nullptr : &*found;
}

std::string setting_name(const Setting& setting) {
  return std::string{setting.section} + "." + std::string{setting.key};
}

std::string environment_name(const Setting& setting) {
  return "WEIR_" + upper(setting.section) + "_" + upper(setting.key);
}

std::string unknown_setting(std::string_view name) {
  const std::string_view key = name.substr(name.find('.') + 1);
  const std::string unknown = "unknown setting " + std::string{name};
  // The right key in the wrong section is a better answer than any likeness.
  const auto moved = std::find_if(kSettings.begin(), kSettings.end(),
                                  [key](const Setting& setting) { return setting.key == key; });
  if (moved != kSettings.end()) return unknown + "; did you mean " + setting_name(*moved) + "?";
  return unknown + question(name, all_names(setting_name));
}

std::string unknown_variable(std::string_view name) {
  return "unknown environment variable " + std::string{name} +
         question(name, all_names(environment_name));
}

}  // namespace weir::broker
