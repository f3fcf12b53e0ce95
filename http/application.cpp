#include "http/application.hpp"

#include <exception>
#include <utility>

#include "http/json_writer.hpp"
#include "http/text.hpp"

namespace weir::http {
namespace {

// Scripts, styles and requests of our own only; nothing may frame the page, and no text becomes
// markup.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

constexpr std::string_view kRetryAfterSeconds = "1";

}  // namespace

Application::Application(const Services& services, std::vector<Route> routes)
    : services_(services),
      router_(std::move(routes)),
      gate_({services.config.hosts, services.config.origins, !services.config.tls_cert.empty()},
            services.tokens, services.sessions) {}

tl::expected<const Route*, HttpError> Application::admit(Request& request, bool is_upgrade) {
  if (auto error = gate_.check_source(request, is_upgrade)) return tl::unexpected(*error);
  auto route = router_.find(request);
  if (!route) return route;
  gate_.identify(request, Sessions::Clock::now());
  if (auto error = gate_.check_access(request, (*route)->access)) return tl::unexpected(*error);
  return route;
}

Handled Application::handle(const Route& route, Request& request) const {
  try {
    return route.handle(request);
  } catch (const std::exception& error) {
    services_.complain("http_handler_failed", error.what());
    return refuse(500, "internal", "something went wrong in the broker; its log says what");
  }
}

Response Application::refusal(const HttpError& error) {
  JsonWriter json;
  json.object().key("error").object().member("code", error.code);
  json.member("message", error.message);
  if (!error.field.empty()) json.member("field", error.field);
  json.end().end();
  Response response = json_response(std::move(json).text(), error.status);
  if (error.status == 401) response.fields.emplace_back("WWW-Authenticate", "Bearer");
  if (error.status == 503) response.fields.emplace_back("Retry-After", kRetryAfterSeconds);
  return response;
}

void Application::complete(const Request& request, Response& response) const {
  auto& fields = response.fields;
  fields.emplace_back("X-Content-Type-Options", "nosniff");
  if (response.type.starts_with("text/html")) {
    fields.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
    fields.emplace_back("Referrer-Policy", "no-referrer");
  }
  if (request.path.starts_with("/api/")) fields.emplace_back("Cache-Control", "no-store");
  if (response.status == 405) fields.emplace_back("Allow", router_.allowed(request.path));
  if (services_.config.origins.empty()) return;
  fields.emplace_back("Vary", "Origin");
  if (const auto origin = gate_.readable_by(request); !origin.empty()) {
    fields.emplace_back("Access-Control-Allow-Origin", origin);
  }
}

std::optional<Response> Application::options(const Request& request) const {
  if (request.method != Method::options) return {};
  std::string_view target = request.target;
  const std::string methods = router_.allowed(take_until(target, '?'));
  if (methods.empty()) return {};
  Response response;
  response.status = 204;
  response.fields.emplace_back("Allow", methods);
  if (!gate_.readable_by(request).empty()) {
    response.fields.emplace_back("Access-Control-Allow-Methods", methods);
    response.fields.emplace_back("Access-Control-Allow-Headers",
                                 "Authorization, Content-Type, Idempotency-Key, X-Weir-Token");
    response.fields.emplace_back("Access-Control-Max-Age", "600");
  }
  return response;
}

}  // namespace weir::http
