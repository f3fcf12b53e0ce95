#include "http/gate.hpp"

#include "tests/unit/http/http_fixture.hpp"

using namespace weir;
using namespace weir::http;
using weir::http_test::FixedTokens;
using weir::http_test::kHost;
using weir::http_test::request;

namespace {

const auto kNow = Sessions::Clock::now();

struct GateUnderTest {
  FixedTokens tokens;
  Sessions sessions;
  Gate gate{{.hosts = {"weir.example"}, .origins = {"https://grafana.example"}}, tokens, sessions};

  // 0: it may.
  int source(const Request& asked, bool is_websocket = false) {
    const auto error = gate.check_source(asked, is_websocket);
    return error ? error->status : 0;
  }
  int access(Request asked, Access access) {
    gate.identify(asked, kNow);
    const auto error = gate.check_access(asked, access);
    return error ? error->status : 0;
  }
};

Request from_page(Method method, std::string_view origin) {
  return request(method, "/api/runs", {{"Host", "127.0.0.1:7070"}, {"Origin", origin}});
}

}  // namespace

TEST_CASE("only names that lead here on purpose are served", "[http][gate]") {
  GateUnderTest of;
  for (const char* host : {"127.0.0.1:7070", "10.1.2.3", "localhost", "LOCALHOST:7070",
                           "[::1]:7070", "weir.example:443", "Weir.Example"}) {
    INFO(host);
    CHECK(of.source(request(Method::get, "/", {{"host", host}})) == 0);
  }
  for (const char* host :
       {"evil.example", "127.0.0.1.evil.example", "weir.example.evil", "[]", ":80"}) {
    INFO(host);
    CHECK(of.source(request(Method::get, "/", {{"host", host}})) == 403);
  }
  CHECK(of.source(request(Method::get, "/", {})) == 400);
}

TEST_CASE("pages of others may not write or open a WebSocket", "[http][gate]") {
  GateUnderTest of;
  for (const char* origin : {"http://evil.example", "null", "https://127.0.0.1:7070",
                             "http://127.0.0.1:7071", "http://127.0.0.1:7070.evil"}) {
    INFO(origin);
    CHECK(of.source(from_page(Method::post, origin)) == 403);
    CHECK(of.source(from_page(Method::delete_, origin)) == 403);
    CHECK(of.source(from_page(Method::get, origin), true) == 403);
    CHECK(of.source(from_page(Method::get, origin)) == 0);  // it cannot read the answer
  }
  for (const char* origin : {"http://127.0.0.1:7070", "https://grafana.example"}) {
    INFO(origin);
    CHECK(of.source(from_page(Method::post, origin)) == 0);
    CHECK(of.source(from_page(Method::get, origin), true) == 0);
  }
  CHECK(of.gate.readable_by(from_page(Method::get, "https://grafana.example")) ==
        "https://grafana.example");
  CHECK(of.gate.readable_by(from_page(Method::get, "http://evil.example")).empty());
}

TEST_CASE("without a list of tokens any credential is taken", "[http][gate]") {
  GateUnderTest of;
  CHECK(of.access(request(Method::get, "/"), Access::administer) == 0);
  CHECK(of.access(request(Method::get, "/", {kHost, {"Authorization", "Bearer what"}}),
                  Access::administer) == 0);
}

TEST_CASE("with a list of tokens each role may do its own", "[http][gate]") {
  GateUnderTest of;
  of.tokens.needed = true;
  const auto with = [](std::string_view token) {
    return request(Method::get, "/", {kHost, {"X-Weir-Token", token}});
  };
  CHECK(of.access(request(Method::get, "/"), Access::look) == 401);
  CHECK(of.access(with("guess"), Access::look) == 401);
  CHECK(of.access(with("guess"), Access::open) == 0);
  CHECK(of.access(with("viewer"), Access::look) == 0);
  CHECK(of.access(with("viewer"), Access::report) == 403);
  CHECK(of.access(with("viewer"), Access::administer) == 403);
  CHECK(of.access(with("runner"), Access::look) == 403);
  CHECK(of.access(with("runner"), Access::report) == 0);
  CHECK(of.access(with("admin"), Access::administer) == 0);
  CHECK(of.access(with("admin"), Access::look) == 0);
}

TEST_CASE("a token comes in any of the usual fields", "[http][gate]") {
  GateUnderTest of;
  of.tokens.needed = true;
  using Field = std::pair<std::string_view, std::string_view>;
  for (const Field& field : {Field{"Authorization", "Bearer admin"},
                             {"authorization", "bearer  admin "},
                             {"Authorization", "Token admin"},
                             {"x-access-token", "admin"},
                             {"X-Weir-Token", "admin"}}) {
    INFO(field.first << ": " << field.second);
    CHECK(of.access(request(Method::get, "/", {kHost, field}), Access::administer) == 0);
  }
  for (const Field& field : {Field{"Authorization", "admin"},
                             {"Authorization", "Basic admin"},
                             {"Authorization", "Bearer"},
                             {"Cookie", "weir_session=admin"}}) {
    INFO(field.first << ": " << field.second);
    CHECK(of.access(request(Method::get, "/", {kHost, field}), Access::administer) == 401);
  }
}

TEST_CASE("a session stands for its token until it ends", "[http][gate]") {
  GateUnderTest of;
  of.tokens.needed = true;
  const std::string cookie = "other=1; weir_session=" + of.sessions.start("viewer", kNow);
  const Request asked = request(Method::get, "/", {kHost, {"Cookie", cookie}});
  CHECK(of.access(asked, Access::look) == 0);
  CHECK(of.access(asked, Access::administer) == 403);
  Request later = asked;
  of.gate.identify(later, kNow + Sessions::kLasts);
  CHECK_FALSE(later.grant);
  CHECK(of.access(asked, Access::look) == 401);
}

TEST_CASE("beyond the most sessions the one that would end first does", "[http][gate]") {
  Sessions sessions;
  const std::string first = sessions.start("a", kNow);
  for (std::size_t i = 1; i < Sessions::kMaxSessions; ++i) {
    sessions.start("b", kNow + std::chrono::seconds{1});
  }
  CHECK(sessions.find(first, kNow) == "a");
  sessions.start("c", kNow + std::chrono::seconds{2});
  CHECK(sessions.find(first, kNow).empty());
}
