#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace weir::http {

// Where HTTP is spoken, to whom, and how much of it at a time.
struct HttpConfig {
  std::string endpoint = "127.0.0.1:7070";  // host:port; empty: nowhere
  std::vector<std::string> hosts;           // names this server is reached by, beside IP addresses
  std::vector<std::string> origins;         // pages of others that may use the API
  std::filesystem::path tls_cert;           // PEM; both or none
  std::filesystem::path tls_key;
  std::size_t connections = 4'096;                     // more are told to come later
  std::size_t body_bytes = std::size_t{8} << 20;       // of one request, as it comes
  std::size_t inflated_bytes = std::size_t{32} << 20;  // of one request, once it is inflated
  std::size_t bodies_bytes = std::size_t{256} << 20;   // of all requests at a time
  std::chrono::milliseconds request_timeout{10'000};   // for a whole request
  std::chrono::milliseconds idle_timeout{60'000};      // between two of a connection
  std::chrono::milliseconds viewer_timeout{10'000};    // for a viewer to take a message
  std::size_t query_threads = 2;                       // that read the results file
  std::size_t queries = 256;                           // waiting for these; more: 503
  std::size_t inbox_bytes = std::size_t{64} << 20;     // waiting for the core; more: 503
  std::size_t idempotency_keys = 100'000;              // remembered; the oldest is forgotten
};

}  // namespace weir::http
