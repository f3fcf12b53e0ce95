#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "schema/summary_json.hpp"

namespace weir::schema {
namespace {

using Json = nlohmann::json;

// Reads fields into plain values. The first one of the wrong type stays in `error`; reading goes
// on, so that the callers need no checks in between.
struct Reader {
  std::optional<Error> error;

  void refuse(ErrorCode code, const char* key, const char* why) {
    if (!error) error = Error{code, std::string(key) + ": " + why};
  }

  template <class T>
  void field(const Json& object, const char* key, T& out) {
    const auto found = object.find(key);
    if (found != object.end() && !found->is_null()) read(*found, key, out);
  }

  template <class T>
  void required(const Json& object, const char* key, T& out) {
    const auto found = object.find(key);
    if (found == object.end()) return refuse(ErrorCode::missing_field, key, "missing");
    read(*found, key, out);
  }

  bool is_object(const Json& value, const char* key) {
    if (!value.is_object()) refuse(ErrorCode::bad_type, key, "not an object");
    return value.is_object();
  }

  template <class T>
  void read(const Json& value, const char* key, std::optional<T>& out) {
    read(value, key, out.emplace());
  }

  template <class T>
  void read(const Json& value, const char* key, std::vector<T>& out) {
    if (!value.is_array()) return refuse(ErrorCode::bad_type, key, "not an array");
    for (const Json& item : value) read(item, key, out.emplace_back());
  }

  void read(const Json& value, const char* key, bool& out) {
    if (!value.is_boolean()) return refuse(ErrorCode::bad_type, key, "not a boolean");
    out = value.get<bool>();
  }

  void read(const Json& value, const char* key, double& out) {
    if (!value.is_number()) return refuse(ErrorCode::bad_type, key, "not a number");
    out = value.get<double>();
  }

  void read(const Json& value, const char* key, std::uint64_t& out) {
    if (!value.is_number_unsigned()) return refuse(ErrorCode::bad_type, key, "not a count");
    out = value.get<std::uint64_t>();
  }

  void read(const Json& value, const char* key, std::int64_t& out) {
    const bool too_large =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    if (!value.is_number_integer() || too_large) {
      return refuse(ErrorCode::bad_type, key, "not an integer");
    }
    out = value.get<std::int64_t>();
  }

  void read(const Json& value, const char* key, std::string& out) {
    if (!value.is_string()) return refuse(ErrorCode::bad_type, key, "not a text");
    out = value.get_ref<const std::string&>();
  }

  void read(const Json& value, const char* key, Timestamp& out) {
    const auto time = value.is_string() ? parse_time(value.get_ref<const std::string&>())
                                        : fail(ErrorCode::bad_type, "");
    if (!time) return refuse(ErrorCode::bad_type, key, "not a time");
    out = *time;
  }

  void read(const Json& value, const char* key, RunState& out) {
    const auto state = value.is_string() ? parse_run_state(value.get_ref<const std::string&>())
                                         : std::optional<RunState>{};
    if (!state) return refuse(ErrorCode::bad_type, key, "not a state");
    out = *state;
  }

  void read(const Json& value, const char* key, NamedCounts& out) {
    if (!is_object(value, key)) return;
    for (const auto& [name, count] : value.items()) {
      read(count, key, out.emplace_back(name, 0).second);
    }
  }

  void read(const Json& value, const char* key, StatusCounts& out) {
    if (!is_object(value, key)) return;
    for (const auto& [text, count] : value.items()) {
      int status = 0;
      const char* end = text.data() + text.size();
      const auto [stop, problem] = std::from_chars(text.data(), end, status);
      if (problem != std::errc{} || stop != end) {
        return refuse(ErrorCode::bad_type, key, "not a status");
      }
      read(count, key, out.emplace_back(status, 0).second);
    }
    std::sort(out.begin(), out.end());
  }

  // Milliseconds to whole microseconds.
  template <class T>
  void duration(const Json& object, const char* key, std::optional<T>& us) {
    constexpr double kMaxMs = 1e12;
    std::optional<double> ms;
    field(object, key, ms);
    if (!ms) return;
    if (!(std::abs(*ms) <= kMaxMs)) return refuse(ErrorCode::bad_type, key, "not a duration");
    us = static_cast<T>(std::llround(*ms * 1e3));
  }

  void read(const Json& value, const char* key, DurationSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "count", out.count);
    duration(value, "mean", out.mean_us);
    duration(value, "sd", out.sd_us);
    duration(value, "min", out.min_us);
    duration(value, "max", out.max_us);
    duration(value, "p50", out.p50_us);
    duration(value, "p90", out.p90_us);
    duration(value, "p95", out.p95_us);
    duration(value, "p99", out.p99_us);
    duration(value, "p999", out.p999_us);
  }

  void read(const Json& value, const char* key, HitsSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "count", out.count);
    field(value, "failed", out.failed);
    field(value, "success_rate", out.success_rate);
    field(value, "per_s", out.per_s);
    field(value, "bytes_sent", out.bytes_sent);
    field(value, "bytes_received", out.bytes_received);
  }

  void read(const Json& value, const char* key, TestsSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "started", out.started);
    field(value, "finished", out.finished);
    field(value, "success", out.success);
    field(value, "failure", out.failure);
    field(value, "error", out.error);
    field(value, "per_s", out.per_s);
  }

  void read(const Json& value, const char* key, SocketsSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "opened", out.opened);
    field(value, "closed", out.closed);
    field(value, "open", out.open);
    field(value, "messages", out.messages);
    field(value, "bytes_received", out.bytes_received);
  }

  void read(const Json& value, const char* key, LabelSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "label", out.label);
    field(value, "name", out.name);
    field(value, "method", out.method);
    field(value, "url", out.url);
    field(value, "count", out.count);
    field(value, "failed", out.failed);
    field(value, "per_s", out.per_s);
    field(value, "bytes_sent", out.bytes_sent);
    field(value, "bytes_received", out.bytes_received);
    field(value, "response_ms", out.response);
    field(value, "status", out.status);
  }

  void read(const Json& value, const char* key, ErrorSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "kind", out.kind);
    field(value, "class", out.class_name);
    field(value, "message", out.message);
    field(value, "traceback", out.traceback);
    field(value, "count", out.count);
    field(value, "first", out.first);
    field(value, "last", out.last);
  }

  void read(const Json& value, const char* key, LastSummary& out) {
    if (!is_object(value, key)) return;
    field(value, "seconds", out.seconds);
    field(value, "hits", out.hits);
    field(value, "failed", out.failed);
    field(value, "per_s", out.per_s);
    field(value, "bytes_sent", out.bytes_sent);
    field(value, "bytes_received", out.bytes_received);
    field(value, "response_ms", out.response);
  }
};

void read_totals(Reader& reader, const Json& object, Summary& out) {
  reader.field(object, "labels_total", out.labels_total);
  reader.field(object, "urls_distinct", out.urls_distinct);
  reader.field(object, "errors_total", out.errors_total);
  reader.field(object, "late", out.late);
  reader.field(object, "skewed", out.skewed);
  reader.field(object, "clamped", out.clamped);
  reader.field(object, "missing", out.missing);
  reader.field(object, "duplicate", out.duplicate);
}

void read_workers(Reader& reader, const Json& object, Summary& out) {
  const auto workers = object.find("workers");
  if (workers == object.end() || !reader.is_object(*workers, "workers")) return;
  reader.field(*workers, "active", out.workers_active);
  reader.field(*workers, "total", out.workers_total);
}

}  // namespace

Result<Summary> summary_from_json(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (object.is_discarded()) return fail(ErrorCode::not_json, "not JSON");
  if (!object.is_object()) return fail(ErrorCode::not_object, "not an object");

  Reader reader;
  Summary summary;
  std::string type = "summary";
  reader.field(object, "type", type);
  if (type != "summary") reader.refuse(ErrorCode::bad_type, "type", "not a summary");
  reader.required(object, "run_id", summary.run_id);
  reader.field(object, "number", summary.number);
  reader.required(object, "seq", summary.seq);
  reader.required(object, "time", summary.time);
  reader.required(object, "state", summary.state);
  reader.field(object, "final", summary.final);
  reader.field(object, "elapsed_s", summary.elapsed_s);
  read_workers(reader, object, summary);
  reader.field(object, "users", summary.users);
  reader.field(object, "hits", summary.hits);
  reader.field(object, "response_ms", summary.response);
  reader.field(object, "tests", summary.tests);
  reader.field(object, "sockets", summary.sockets);
  reader.field(object, "counters", summary.counters);
  reader.field(object, "status", summary.status);
  reader.field(object, "method", summary.method);
  reader.field(object, "labels", summary.labels);
  reader.field(object, "errors", summary.errors);
  read_totals(reader, object, summary);
  reader.field(object, "last_s", summary.last);
  if (reader.error) return tl::unexpected<Error>(std::move(*reader.error));
  return summary;
}

}  // namespace weir::schema
