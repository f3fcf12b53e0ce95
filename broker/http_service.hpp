#pragma once

#include <memory>

#include "broker/config.hpp"
#include "broker/inbox.hpp"
#include "broker/summary_board.hpp"
#include "http/services.hpp"

namespace weir::http {
class Server;
}

namespace weir::broker {

// The HTTP server and what it works with, from its start to its end.
class HttpService {
 public:
  // Binds and begins. Throws std::runtime_error when that fails, or when others could reach it and
  // nobody needed a token.
  HttpService(const Config& config, http::ReportText report_text, http::Endpoints endpoints,
              Inbox& inbox, SummaryBoard& board);
  ~HttpService();
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  std::string url() const;
  void stop_listening();
  // Viewers are given what was published last.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace weir::broker
