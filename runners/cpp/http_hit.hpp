#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/time.hpp"

namespace weir::runners {

// How long the phases of a request took. dns, connect and tls are there only if the request had to
// open a connection, tls only for https; first_byte only if an answer began.
struct HttpPhases {
  std::optional<schema::Elapsed> dns;         // until the name was resolved
  std::optional<schema::Elapsed> connect;     // from there until TCP was connected
  std::optional<schema::Elapsed> tls;         // from there until TLS was agreed
  std::optional<schema::Elapsed> first_byte;  // from sending the request to the first byte back
};

// One finished request of the HTTP runner. A plain value without allocations, so that the load
// loop can hand it over in no time.
struct HttpHit {
  std::uint64_t number = 0;   // 1, 2, 3, ... in the order of sending
  std::uint32_t user = 0;     // which of the users sent it, from 1
  std::uint32_t users = 0;    // how many were active then
  schema::Timestamp started;  // with a rate: when it was due
  schema::Elapsed elapsed{0};
  schema::Elapsed late{0};  // with a rate: how long after that it was sent; part of elapsed
  int status = 0;           // 0: no answer
  std::string_view error;   // empty, or libcurl's sentence (static storage) for why there is none
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
  std::uint32_t connections = 0;  // opened for it: 0 when the user's was still there
  HttpPhases phases;

  bool succeeded() const { return error.empty() && status >= 200 && status < 400; }
};

}  // namespace weir::runners
