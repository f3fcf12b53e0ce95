#pragma once

#include <optional>
#include <vector>

#include "http/gate.hpp"
#include "http/router.hpp"
#include "http/services.hpp"

namespace weir::http {

// What is done with a request, apart from reading it and writing the answer: which route, whether
// it is let in, the handler, and what every answer has. Used by the loop, except handle().
class Application {
 public:
  Application(const Services& services, std::vector<Route> routes);

  // Once the header is there and before the body is read. `is_upgrade`: to a WebSocket.
  tl::expected<const Route*, HttpError> admit(Request& request, bool is_upgrade);

  // REQUIRES: admit() gave the route. In the route's place. What a handler throws is a 500.
  Handled handle(const Route& route, Request& request) const;

  // The answer to whoever was refused.
  static Response refusal(const HttpError& error);
  // Adds what every answer to this request has.
  void complete(const Request& request, Response& response) const;
  // The answer to OPTIONS, also before a write of another's page (CORS).
  std::optional<Response> options(const Request& request) const;

 private:
  const Services& services_;
  Router router_;
  Gate gate_;
};

}  // namespace weir::http
