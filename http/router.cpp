#include "http/router.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace weir::http {
namespace {

constexpr std::size_t kMaxParameters = 64;
constexpr std::string_view kRun = "{run}";

// Whether a path is that of the route; what stands for {run} is put into `run`, as it came.
bool matches(std::string_view pattern, std::string_view path, std::string_view& run) {
  const auto at = pattern.find(kRun);
  if (at == std::string_view::npos) return path == pattern;
  if (!path.starts_with(pattern.substr(0, at))) return false;
  path.remove_prefix(at);
  const std::string_view behind = pattern.substr(at + kRun.size());
  const auto end = std::min(path.find('/'), path.size());
  run = path.substr(0, end);
  return !run.empty() && path.substr(end) == behind;
}

tl::expected<Query, HttpError> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    if (value.empty()) continue;
    const std::string_view name = take_until(value, '=');
    auto decoded_name = percent_decoded(name, true), decoded_value = percent_decoded(value, true);
    if (!decoded_name || !decoded_value) {
      return refuse(400, "bad_target", "the query is not percent-encoded UTF-8");
    }
    if (query.size() == kMaxParameters) {
      return refuse(400, "bad_target",
                    "more than " + std::to_string(kMaxParameters) + " parameters");
    }
    query.emplace_back(*std::move(decoded_name), *std::move(decoded_value));
  }
  return query;
}

}  // namespace

tl::expected<const Route*, HttpError> Router::find(Request& request) const {
  std::string_view rest = request.target;
  const std::string_view path = take_until(rest, '?');
  if (!path.starts_with('/') || path.find('#') != std::string_view::npos) {
    return refuse(400, "bad_target", "the target of a request begins with /");
  }
  request.path = path;
  auto query = parse_query(rest);
  if (!query) return tl::unexpected(query.error());
  request.query = *std::move(query);
  const Method method = request.method == Method::head ? Method::get : request.method;
  std::string_view run;
  for (const Route& route : routes_) {
    if (route.method != method || !matches(route.path, path, run)) continue;
    auto decoded = percent_decoded(run, false);
    if (!decoded) return refuse(400, "bad_target", "the path is not percent-encoded UTF-8");
    request.run = *std::move(decoded);
    return &route;
  }
  const std::string methods = allowed(path);
  if (methods.empty()) {
    return refuse(404, "not_found", "there is nothing here; /openapi.json has all routes");
  }
  return refuse(405, "method_not_allowed", "here is only " + methods);
}

std::string Router::allowed(std::string_view path) const {
  std::string methods;
  std::string_view run;
  for (const Route& route : routes_) {
    if (!matches(route.path, path, run)) continue;
    if (!methods.empty()) methods += ", ";
    methods += to_string(route.method);
    if (route.method == Method::get) methods += ", HEAD";
  }
  return methods;
}

}  // namespace weir::http
