#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/config.hpp"
#include "http/live_board.hpp"
#include "http/ports.hpp"
#include "http/readers.hpp"
#include "http/sessions.hpp"
#include "store/run_report.hpp"

namespace weir::http {

// The report of `weir report` as text.
using ReportText = std::function<std::string(const store::RunReport&)>;

// Where else the broker listens.
struct Endpoints {
  std::vector<std::string> ingest;
  std::string feed;
  std::optional<std::string> acked{}, relay{};
};

// What handlers work with. The references outlive the server.
struct Services {
  const HttpConfig& config;
  std::string version;
  std::chrono::milliseconds tick;  // between two messages of the core
  Submitter& submitter;
  LiveBoard& live;
  Readers& readers;
  Sessions& sessions;
  TokenSource& tokens;
  ReportText report_text;
  Endpoints endpoints;
  // Notes that something went wrong in here. Any thread.
  std::function<void(std::string_view event, std::string_view detail)> complain;
};

// An answer with this JSON.
Response json_response(std::string json, int status = 200);

}  // namespace weir::http
