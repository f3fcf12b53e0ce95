#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "schema/role.hpp"

namespace weir::http {

// Requests and answers as plain values: what a handler sees and gives. Only http/server*.cpp knows
// where they come from and go to.

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

std::string_view to_string(Method method);

// A name and a value.
using Field = std::pair<std::string, std::string>;

// Decoded, in the order given.
using Query = std::vector<Field>;

// The views hold until the answer has been given.
struct Request {
  Method method = Method::get;
  std::string_view target;                                            // as it came
  std::vector<std::pair<std::string_view, std::string_view>> fields;  // of the header, in order
  std::string body;                                                   // inflated

  // Of the target, once it has been understood.
  std::string path;
  Query query;
  std::string run;  // what stands for {run} in the route

  // Who asks: empty if that is not known.
  std::optional<schema::Grant> grant;
  std::string session;  // the id in the cookie; empty without

  // A field of the header, whatever the case of its name; empty if there is none.
  std::string_view field(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body{};
  std::vector<Field> fields{};
  // Instead of `body`, what lives as long as the process.
  std::string_view lasting_body{};
};

// An answer other than the one asked for; http/error_json.hpp makes the body.
struct HttpError {
  int status = 500;
  std::string code;     // for programs
  std::string message;  // what is wrong and what to do
  std::string field{};  // the parameter or key that is wrong
};

using Reply = tl::expected<Response, HttpError>;

// An answer that comes later: `start` is called once, and calls what it is given once, from any
// thread. If that went well and there is a `finish`, the answer is what that returns, which may
// wait for the results file.
struct Later {
  std::function<void(std::function<void(Reply)>)> start;
  std::function<Reply()> finish{};
};

// The live feed from here on: messages whose topic has one of the prefixes.
struct LiveStream {
  std::vector<std::string> prefixes;
  bool events = false;  // Server-Sent Events, not a WebSocket
};

using Answer = std::variant<Response, Later, LiveStream>;
using Handled = tl::expected<Answer, HttpError>;
// It may take the body away.
using Handler = std::function<Handled(Request&)>;

inline tl::unexpected<HttpError> refuse(int status, std::string code, std::string message,
                                        std::string field = {}) {
  return tl::unexpected<HttpError>(
      HttpError{status, std::move(code), std::move(message), std::move(field)});
}

}  // namespace weir::http
