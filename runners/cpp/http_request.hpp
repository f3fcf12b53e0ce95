#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "schema/error.hpp"

namespace weir::runners {

// One HTTP request as every user sends it.
struct HttpRequest {
  std::string url;                   // http or https; without a scheme: http
  std::string method;                // empty: GET, or POST with a body
  std::vector<std::string> headers;  // "Name: value", in addition to or in place of libcurl's own
  std::string body;
  bool has_body = false;
  std::chrono::milliseconds timeout{30'000};  // 1 ms to 24 h
  bool insecure = false;                      // do not check the server's certificate
  std::string proxy;                          // empty: none; the environment is not asked
};

// The request with url, method and headers as they will be used. A large body is sent at once, as
// a small one is, unless the headers ask for `Expect: 100-continue`. Errors: invalid_setting (no
// such url, method, header or timeout).
schema::Result<HttpRequest> complete(HttpRequest request);

// The url without what is nobody's business: user, password and fragment.
std::string public_url(const HttpRequest& request);
// Its path: /api/items.
std::string url_path(const HttpRequest& request);

}  // namespace weir::runners
