#include "http/native_broker.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "http/gate.hpp"
#include "http/json_writer.hpp"
#include "http/metrics.hpp"
#include "http/parameters.hpp"
#include "http/readiness.hpp"

namespace weir::http {
namespace {

constexpr std::size_t kMaxTopics = 16;
constexpr std::string_view kBrokerTopic = "broker/";

std::string cookie_of(const Services& services, const std::string& id, std::chrono::seconds lasts) {
  std::string cookie =
      std::string{kSessionCookie} + "=" + id + "; Path=/; HttpOnly; SameSite=Strict";
  cookie += "; Max-Age=" + std::to_string(lasts.count());
  if (!services.config.tls_cert.empty()) cookie += "; Secure";
  return cookie;
}

Response session_response(const Services& services, const std::optional<schema::Grant>& grant) {
  JsonWriter json;
  json.object().key("role");
  grant ? json.value(to_string(grant->role)) : json.value(nullptr);
  json.member("name", grant ? grant->name : std::string{});
  json.member("token_required", services.tokens.required()).end();
  return json_response(std::move(json).text());
}

Handled live(const Request& request, bool events) {
  Parameters given{request};
  LiveStream stream{given.texts("topic", kMaxTopics), events};
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  return stream;
}

}  // namespace

Handled get_health(const Services& /*services*/, const Request& /*request*/) {
  return json_response(R"({"status":"ok"})");
}

Handled get_readiness(const Services& services, const Request& /*request*/) {
  const Text broker = services.live.newest(kBrokerTopic);
  const auto last = services.live.last_put();
  const auto age =
      last ? std::chrono::duration_cast<std::chrono::milliseconds>(LiveBoard::Clock::now() - *last)
           : std::chrono::milliseconds{0};
  const auto causes =
      causes_of(broker == nullptr ? std::string_view{} : *broker, age, services.tick);
  JsonWriter json;
  json.object().member("ready", causes.empty()).key("causes").array();
  for (const Cause& cause : causes) {
    json.object().member("cause", cause.cause).member("message", cause.message).end();
  }
  json.end().end();
  return json_response(std::move(json).text(), causes.empty() ? 200 : 503);
}

Handled get_version(const Services& services, const Request& /*request*/) {
  JsonWriter json;
  json.object().member("version", services.version).end();
  return json_response(std::move(json).text());
}

Handled get_broker(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  const Text broker = services.live.newest(kBrokerTopic);
  if (broker == nullptr) return refuse(503, "starting", "nothing has been published yet");
  return json_response(*broker);
}

Handled get_endpoints(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  const Endpoints& at = services.endpoints;
  const bool is_tls = !services.config.tls_cert.empty();
  JsonWriter json;
  json.object().member("http",
                       (is_tls ? "https://" : "http://") + std::string{request.field("host")});
  json.key("ingest").array();
  for (const std::string& endpoint : at.ingest) json.value(endpoint);
  json.end().member("feed", at.feed);
  if (at.acked) json.member("acked", *at.acked);
  if (at.relay) json.member("relay", *at.relay);
  json.end();
  return json_response(std::move(json).text());
}

Handled get_metrics(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  const Text broker = services.live.newest(kBrokerTopic);
  Response response;
  response.type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics_text(services.version, broker == nullptr ? std::string_view{} : *broker,
                               services.live.summaries());
  return response;
}

Handled get_session(const Services& services, const Request& request) {
  return session_response(services, request.grant);
}

Handled start_session(const Services& services, const Request& request) {
  using nlohmann::json;
  const json given = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!given.is_object() || !given.contains("token") || !given["token"].is_string()) {
    return refuse(400, "missing_field", "send a JSON object with a token", "token");
  }
  if (!services.tokens.required()) return session_response(services, request.grant);
  auto token = given["token"].get<std::string>();
  const auto grant = services.tokens.find(token);
  if (!grant) return refuse(401, "unknown_token", "the token is not known", "token");
  Response response = session_response(services, grant);
  const std::string id = services.sessions.start(std::move(token), Sessions::Clock::now());
  response.fields.emplace_back("Set-Cookie", cookie_of(services, id, Sessions::kLasts));
  return response;
}

Handled end_session(const Services& services, const Request& request) {
  services.sessions.end(request.session);
  Response response;
  response.status = 204;
  response.fields.emplace_back("Set-Cookie", cookie_of(services, "", std::chrono::seconds{0}));
  return response;
}

Handled watch(const Services& /*services*/, const Request& request) { return live(request, false); }

Handled follow(const Services& /*services*/, const Request& request) { return live(request, true); }

}  // namespace weir::http
