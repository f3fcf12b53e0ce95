#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"

namespace weir::http {

// What one has to be allowed to do.
enum class Access : std::uint8_t { open, look, report, administer };

// Where a handler runs: in the loop, if it never waits, or in the pool for queries.
enum class Place : std::uint8_t { loop, pool };

struct Route {
  Method method = Method::get;
  std::string_view path;  // {run} stands for one segment
  Access access = Access::look;
  Place place = Place::loop;
  Handler handle;
};

// Finds the route of a request. GET answers HEAD too. Any thread.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  // Sets path, query and run of the request. Errors: 400 (not a target), 404, 405.
  tl::expected<const Route*, HttpError> find(Request& request) const;

  // The methods of a path, for Allow; empty if there is no such path.
  std::string allowed(std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace weir::http
