#include "http/gate.hpp"

#include <algorithm>
#include <array>

#include "http/text.hpp"

namespace weir::http {
namespace {

// Without the port.
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// A name cannot be made to lead here if it is none.
bool is_address(std::string_view name) {
  if (name.starts_with('[')) return name.size() > 2 && name.ends_with(']');
  return !name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string_view cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    std::string_view value = trimmed(take_until(cookies, ';'));
    if (take_until(value, '=') == name) return value;
  }
  return {};
}

// The token that a request shows; empty: none.
std::string_view shown_token(const Request& request) {
  std::string_view credentials = trimmed(request.field("authorization"));
  const std::string_view scheme = take_until(credentials, ' ');
  if (same_ignoring_case(scheme, "bearer") || same_ignoring_case(scheme, "token")) {
    return trimmed(credentials);
  }
  constexpr std::array<std::string_view, 2> kFields{"x-weir-token", "x-access-token"};
  for (const std::string_view name : kFields) {
    if (const auto token = trimmed(request.field(name)); !token.empty()) return token;
  }
  return {};
}

bool writes(const Request& request) {
  return request.method != Method::get && request.method != Method::head &&
         request.method != Method::options;
}

bool allows(schema::Role role, Access access) {
  switch (access) {
    case Access::open:
      return true;
    case Access::look:
      return may(role, schema::Purpose::look);
    case Access::report:
      return may(role, schema::Purpose::report);
    case Access::administer:
      return role == schema::Role::admin;
  }
  return false;
}

std::string_view needed_for(Access access) {
  switch (access) {
    case Access::look:
      return "that of a viewer or an admin";
    case Access::report:
      return "that of a runner or an admin";
    case Access::open:
    case Access::administer:
      break;
  }
  return "that of an admin";
}

}  // namespace

bool Gate::is_ours(std::string_view host) const {
  const std::string_view name = name_of(host);
  const auto is_it = [name](std::string_view known) { return same_ignoring_case(name, known); };
  return is_address(name) || is_it("localhost") || std::ranges::any_of(rules_.hosts, is_it);
}

bool Gate::is_own_page(std::string_view origin, std::string_view host) const {
  const std::string_view scheme = rules_.tls ? "https://" : "http://";
  return origin.size() == scheme.size() + host.size() && origin.starts_with(scheme) &&
         same_ignoring_case(origin.substr(scheme.size()), host);
}

std::optional<HttpError> Gate::check_source(const Request& request, bool is_websocket) const {
  const std::string_view host = request.field("host");
  if (host.empty()) return HttpError{400, "no_host", "a request needs a Host"};
  if (!is_ours(host)) {
    return HttpError{403, "unknown_host",
                     "this server does not know itself under that name; if it should, add it to "
                     "http.hosts",
                     "Host"};
  }
  const std::string_view origin = request.field("origin");
  if (origin.empty() || is_own_page(origin, host) || !readable_by(request).empty()) return {};
  if (!is_websocket && !writes(request)) return {};
  return HttpError{403, "unknown_origin",
                   "pages of that origin may not; if they should, add it to http.origins",
                   "Origin"};
}

void Gate::identify(Request& request, Sessions::Clock::time_point now) {
  request.session = cookie(request.field("cookie"), kSessionCookie);
  if (!tokens_.required()) {
    request.grant = schema::Grant{"", schema::Role::admin};
    return;
  }
  std::string_view token = shown_token(request);
  if (token.empty() && !request.session.empty()) token = sessions_.find(request.session, now);
  request.grant = token.empty() ? std::nullopt : tokens_.find(token);
}

std::optional<HttpError> Gate::check_access(const Request& request, Access access) const {
  if (access == Access::open) return {};
  if (!request.grant) {
    return HttpError{401, "token_needed",
                     "send a token of `weir token add` as Authorization: Bearer <token>"};
  }
  if (allows(request.grant->role, access)) return {};
  return HttpError{403, "role",
                   "the token is that of a " + std::string{to_string(request.grant->role)} +
                       "; this needs " + std::string{needed_for(access)}};
}

std::string_view Gate::readable_by(const Request& request) const {
  const std::string_view origin = request.field("origin");
  if (origin.empty()) return {};
  return std::ranges::find(rules_.origins, origin) == rules_.origins.end() ? std::string_view{}
                                                                           : origin;
}

}  // namespace weir::http
