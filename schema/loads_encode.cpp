#include "schema/loads_encode.hpp"

#include <nlohmann/json.hpp>

#include "schema/exception_class.hpp"

namespace weir::schema {
namespace {

using Json = nlohmann::ordered_json;

void put(Json& out, const char* key, std::string_view text) {
  if (!text.empty()) out[key] = text;
}

void put(Json& out, const char* key, const std::optional<Elapsed>& elapsed) {
  if (elapsed) out[key] = to_seconds(*elapsed);
}

void put(Json& out, const char* key, const std::optional<Timestamp>& time) {
  if (time) out[key] = format_time(*time);
}

template <class T>
void put(Json& out, const char* key, const std::optional<T>& value) {
  if (value) out[key] = *value;
}

Json or_null(const std::optional<std::int64_t>& value) { return value ? Json(*value) : Json(); }

void put_envelope(Json& out, const Envelope& envelope) {
  put(out, "run_id", envelope.run_id);
  put(out, "worker_id", envelope.worker_id);
  put(out, "seq", envelope.seq);
  put(out, "epoch", envelope.epoch);
  put(out, "time", envelope.time);
  const LoadsStatus& status = envelope.status;
  if (status != LoadsStatus{}) {
    out["loads_status"] = {or_null(status.hits), or_null(status.users), or_null(status.current_hit),
                           or_null(status.current_user)};
  }
}

// As a list, unless a reader would take its first two items for each other.
void put_exception(Json& out, const Exception& exception) {
  if (exception == Exception{}) return;
  const std::string_view name = bare_class_name(exception.class_name);
  if (class_likeness(exception.message) <= class_likeness(name)) {
    out["exc_info"] = {name, exception.message, exception.traceback};
    return;
  }
  Json& object = out["exc_info"] = Json::object();
  put(object, "class", name);
  put(object, "message", exception.message);
  put(object, "traceback", exception.traceback);
}

Json encode_criterion(const Criterion& criterion) {
  if (!criterion.abort_on_fail && criterion.delay_abort_eval.empty()) return criterion.expression;
  Json out{{"threshold", criterion.expression}};
  if (criterion.abort_on_fail) out["abortOnFail"] = true;
  put(out, "delayAbortEval", criterion.delay_abort_eval);
  return out;
}

// Writes the fields of each body.
struct BodyWriter {
  Json& out;

  void operator()(const AddHit& hit) const {
    put(out, "url", hit.url);
    put(out, "method", hit.method);
    put(out, "label", hit.label);
    out["status"] = hit.status;
    put(out, "started", hit.started);
    out["elapsed"] = to_seconds(hit.elapsed);
    put(out, "success", hit.success);
    put(out, "error", hit.error);
    put(out, "bytes_sent", hit.bytes_sent);
    put(out, "bytes_received", hit.bytes_received);
    put(out, "dns", hit.dns);
    put(out, "connect", hit.connect);
    put(out, "tls", hit.tls);
    put(out, "first_byte", hit.first_byte);
  }
  void operator()(const StartTestRun& run) const {
    put(out, "name", run.name);
    put(out, "project", run.project);
    put(out, "scenario", run.scenario);
    for (const Tag& tag : run.tags) out["tags"][std::string(tag.key)] = tag.value;
    for (const Criterion& criterion : run.thresholds) {
      out["thresholds"][std::string(criterion.metric)].push_back(encode_criterion(criterion));
    }
  }
  void operator()(const StopTestRun&) const {}
  void operator()(const StartTest& event) const { put(out, "test", event.test); }
  void operator()(const StopTest& event) const { put(out, "test", event.test); }
  void operator()(const AddSuccess& event) const { put(out, "test", event.test); }
  void operator()(const AddFailure& event) const {
    put(out, "test", event.test);
    put_exception(out, event.exception);
  }
  void operator()(const AddError& event) const {
    put(out, "test", event.test);
    put_exception(out, event.exception);
  }
  void operator()(const SocketOpen&) const {}
  void operator()(const SocketClose&) const {}
  void operator()(const SocketMessage& message) const { out["size"] = message.size_bytes; }
  void operator()(const Counter& counter) const { put(out, "test", counter.test); }
};

}  // namespace

std::string loads_encode(const Message& message) {
  Json out;
  out["data_type"] = data_type(message.body);
  put_envelope(out, message.envelope);
  std::visit(BodyWriter{out}, message.body);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weir::schema
