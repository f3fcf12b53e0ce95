#include "broker/http_service.hpp"

#include <stdexcept>
#include <utility>

#include "broker/endpoint.hpp"
#include "broker/http_tokens.hpp"
#include "broker/log.hpp"
#include "http/server.hpp"
#include "store/data_folder.hpp"

namespace weir::broker {
namespace {

// How long viewers are given at the end.
constexpr std::chrono::milliseconds kFarewell{300};

TokenList open_tokens(const Config& config) {
  auto tokens = TokenList::open(token_file(store::data_folder(config.store)));
  if (!tokens) throw std::runtime_error(tokens.error().detail);
  const std::string& endpoint = config.http.endpoint;
  if (!tokens->required() && !config.security.insecure_bind &&
      !is_loopback_endpoint("tcp://" + endpoint)) {
    throw std::runtime_error("http.endpoint: " + endpoint +
                             " can be reached from other machines and nobody has to authenticate; "
                             "listen on 127.0.0.1, make tokens with weir token add, or give "
                             "--insecure-bind if you trust everyone on that network");
  }
  return *std::move(tokens);
}

}  // namespace

struct HttpService::Parts {
  Parts(const Config& of, http::ReportText report_text, http::Endpoints endpoints, Inbox& inbox,
        SummaryBoard& board)
      : config(of.http),
        readers(of.store.db),
        tokens(open_tokens(of)),
        services{config,
                 WEIR_VERSION,
                 of.feed.tick,
                 inbox,
                 live,
                 readers,
                 sessions,
                 tokens,
                 std::move(report_text),
                 std::move(endpoints),
                 [](std::string_view event, std::string_view detail) {
                   log_event(LogLevel::error, event, {{"detail", detail}});
                 }},
        server(services, board) {
    board.on_publish([this] { server.wake(); });
  }

  const http::HttpConfig config;
  http::LiveBoard live;
  http::Readers readers;
  http::Sessions sessions;
  HttpTokens tokens;
  const http::Services services;
  http::Server server;
};

HttpService::HttpService(const Config& config, http::ReportText report_text,
                         http::Endpoints endpoints, Inbox& inbox, SummaryBoard& board)
    : parts_(std::make_unique<Parts>(config, std::move(report_text), std::move(endpoints), inbox,
                                     board)) {}

HttpService::~HttpService() = default;

std::string HttpService::url() const { return parts_->server.url(); }

void HttpService::stop_listening() { parts_->server.stop_listening(); }

void HttpService::stop() { parts_->server.stop(kFarewell); }

}  // namespace weir::broker
