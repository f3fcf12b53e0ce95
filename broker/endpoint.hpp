#pragma once

#include <string_view>

namespace weir::broker {

// Whether a text has the form of an endpoint that can be bound: tcp://<host>:<port>, where port is
// 0..65535 or *, or ipc://<path>.
bool is_endpoint(std::string_view text);

// Whether a text is <host>:<port>: an IP address ([::1] in brackets) or localhost, and a port as
// above.
bool is_address(std::string_view text);

// Whether only programs on this machine can reach an endpoint: tcp on 127.0.0.0/8, localhost or
// [::1], and ipc. Interface names count as reachable from elsewhere.
bool is_loopback_endpoint(std::string_view endpoint);

}  // namespace weir::broker
