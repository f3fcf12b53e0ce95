#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "http/application.hpp"
#include "http/routes.hpp"
#include "http/services.hpp"

namespace weir::http_test {

using http::Method;
using http::Request;
using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

inline constexpr std::pair<std::string_view, std::string_view> kHost{"Host", "127.0.0.1:7070"};

inline Request request(Method method, std::string_view target, Fields fields = {kHost}) {
  Request request;
  request.method = method;
  request.target = target;
  request.fields = std::move(fields);
  return request;
}

// Takes every order down; the test decides what becomes of it.
class NotedOrders : public http::Submitter {
 public:
  bool submit(http::Order order, std::function<void(http::Outcome)> done) override {
    if (is_full) return false;
    orders.push_back(std::move(order));
    waiting.push_back(std::move(done));
    return true;
  }
  bool is_full = false;
  std::vector<http::Order> orders;
  std::vector<std::function<void(http::Outcome)>> waiting;
};

// Tokens "viewer", "runner" and "admin", each of its role; without `needed` none is.
class FixedTokens : public http::TokenSource {
 public:
  bool required() override { return needed; }
  std::optional<schema::Grant> find(std::string_view token) override {
    const auto role = schema::parse_role(token);
    if (!role) return std::nullopt;
    return schema::Grant{"the " + std::string{token}, *role};
  }
  bool needed = false;
};

// A server without sockets: requests in, answers out.
class Site {
 public:
  explicit Site(const std::filesystem::path& db = "no-such-file.db", http::HttpConfig of = {})
      : config(std::move(of)), readers(db), application(services, http::routes(services)) {}

  http::Response get(std::string_view target) { return ask(request(Method::get, target)); }

  // What a client is answered; of an order, what is given when it was carried out with `outcome`.
  http::Response ask(Request asked, const http::Outcome& outcome = {}) {
    const auto route = application.admit(asked, false);
    http::Handled handled =
        route ? application.handle(**route, asked) : http::Handled{tl::unexpected(route.error())};
    http::Response response = settle(std::move(handled), outcome);
    application.complete(asked, response);
    return response;
  }

  http::HttpConfig config;
  NotedOrders orders;
  FixedTokens tokens;
  http::LiveBoard live;
  http::Sessions sessions;
  http::Readers readers;
  std::vector<std::string> complaints;
  http::Services services{config,
                          "1.2.3",
                          std::chrono::milliseconds{1'000},
                          orders,
                          live,
                          readers,
                          sessions,
                          tokens,
                          [](const store::RunReport& report) { return "run " + report.row.run_id; },
                          {{"tcp://127.0.0.1:7071"}, "tcp://127.0.0.1:7073"},
                          [this](std::string_view event, std::string_view detail) {
                            complaints.push_back(std::string{event} + ": " + std::string{detail});
                          }};
  http::Application application;

 private:
  http::Response settle(http::Handled handled, const http::Outcome& outcome) {
    if (!handled) return http::Application::refusal(handled.error());
    if (auto* response = std::get_if<http::Response>(&*handled)) return std::move(*response);
    REQUIRE(std::holds_alternative<http::Later>(*handled));
    const auto& later = std::get<http::Later>(*handled);
    std::optional<http::Reply> reply;
    later.start([&reply](http::Reply given) { reply = std::move(given); });
    if (!reply && !orders.waiting.empty()) {
      orders.waiting.back()(outcome);
      orders.waiting.pop_back();
    }
    REQUIRE(reply.has_value());
    if (*reply && later.finish) reply = later.finish();
    return *reply ? std::move(**reply) : http::Application::refusal(reply->error());
  }
};

// The value of a field of an answer; empty without.
inline std::string field_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace weir::http_test
