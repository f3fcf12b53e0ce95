#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/ports.hpp"
#include "http/request.hpp"
#include "http/router.hpp"
#include "http/sessions.hpp"

namespace weir::http {

inline constexpr std::string_view kSessionCookie = "weir_session";

// Decides who may do what: by the name under which the server is addressed, by the page that a
// browser shows, and by token. Used by the loop only.
class Gate {
 public:
  struct Rules {
    std::vector<std::string> hosts;    // names of this server, beside IP addresses and localhost
    std::vector<std::string> origins;  // pages of others that may use the API
    bool tls = false;
  };
  Gate(Rules rules, TokenSource& tokens, Sessions& sessions)
      : rules_(std::move(rules)), tokens_(tokens), sessions_(sessions) {}

  // Whether the request comes to this server on purpose: a name of somebody else's that leads here
  // (DNS rebinding) is refused, as is a write or a WebSocket from another's page. 400, 403.
  std::optional<HttpError> check_source(const Request& request, bool is_websocket) const;

  // Finds out who asks: sets grant and session.
  void identify(Request& request, Sessions::Clock::time_point now);

  // Whether whoever asks may. 401, 403.
  std::optional<HttpError> check_access(const Request& request, Access access) const;

  // The origin that a browser should be told may read the answer; empty: none but ours.
  std::string_view readable_by(const Request& request) const;

 private:
  bool is_ours(std::string_view host) const;
  bool is_own_page(std::string_view origin, std::string_view host) const;

  Rules rules_;
  TokenSource& tokens_;
  Sessions& sessions_;
};

}  // namespace weir::http
