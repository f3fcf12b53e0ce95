#include "http/application.hpp"

#include <nlohmann/json.hpp>

#include "tests/unit/http/http_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::http;
using nlohmann::json;
using weir::http_test::field_of;
using weir::http_test::Fields;
using weir::http_test::kHost;
using weir::http_test::request;
using weir::http_test::Site;

namespace {

// A site with the two runs of the store's tests.
class SiteWithRuns {
 public:
  SiteWithRuns() {
    auto writer = store_test::open_writer(dir_ / "a.db");
    store_test::must_write(writer, store_test::two_runs());
  }
  void execute(const std::string& sql) { store_test::RawDatabase{dir_ / "a.db"}.execute(sql); }
  json get(std::string_view target) {
    const Response response = site.get(target);
    INFO(target << ": " << response.body);
    REQUIRE(response.status == 200);
    return json::parse(response.body);
  }

 private:
  store_test::TempDir dir_;

 public:
  Site site{dir_ / "a.db"};
};

Request post(std::string_view target, std::string body, Fields fields = {kHost}) {
  Request asked = request(Method::post, target, std::move(fields));
  asked.body = std::move(body);
  return asked;
}

}  // namespace

TEST_CASE("a refusal has a code, a message and the field", "[http][application]") {
  Site site;
  const Response response = site.get("/api/runs?limit=0");
  CHECK(response.status == 400);
  const json error = json::parse(response.body)["error"];
  CHECK(error["code"] == "bad_parameter");
  CHECK(error["field"] == "limit");
  CHECK(site.get("/nothing").status == 404);
  const Response wrong = site.ask(request(Method::put, "/api/runs"));
  CHECK(wrong.status == 405);
  CHECK(field_of(wrong, "Allow") == "GET, HEAD");
}

TEST_CASE("a file that cannot be read is 503, and says nothing of where it is",
          "[http][application]") {
  Site site;
  const Response response = site.get("/api/runs");
  CHECK(response.status == 503);
  CHECK(response.body.find("no-such-file") == std::string::npos);
  CHECK(site.get("/healthz").status == 200);
}

TEST_CASE("runs are listed newest first, page by page", "[http][application]") {
  SiteWithRuns with;
  const json first = with.get("/api/runs?limit=1");
  CHECK(first["runs"][0]["number"] == 2);
  CHECK(first["next_before"] == 2);
  CHECK(first["total"] == 2);
  const json second = with.get("/api/runs?limit=1&before=2");
  CHECK(second["runs"][0]["run_id"] == "nightly");
  CHECK(second["next_before"].is_null());
}

TEST_CASE("runs are filtered by what they are", "[http][application]") {
  SiteWithRuns with;
  const auto total = [&](const std::string& query) {
    return with.get("/api/runs?" + query)["total"];
  };
  CHECK(total("state=finished") == 2);
  CHECK(total("state=running,timed_out") == 0);
  CHECK(total("project=shop&scenario=peak") == 2);
  CHECK(total("project=other") == 0);
  CHECK(total("tag=branch") == 2);
  CHECK(total("tag=branch:main") == 2);
  CHECK(total("tag=branch:dev") == 0);
  CHECK(total("q=NIGHT") == 1);
  CHECK(total("baseline=false") == 2);
  CHECK(with.site.get("/api/runs?state=asleep").status == 400);
}

TEST_CASE("percentiles of any rank come from the stored sketch", "[http][application]") {
  SiteWithRuns with;
  const json run = with.get("/api/runs/1?p=50,95,100");
  CHECK(run["percentiles_ms"]["50"] == run["response_ms"]["p50"]);
  CHECK(run["percentiles_ms"]["95"] == run["response_ms"]["p95"]);
  CHECK(run["percentiles_ms"]["100"] == run["response_ms"]["max"]);
}

TEST_CASE("a timeline has a point for each interval, also without hits", "[http][application]") {
  SiteWithRuns with;
  const json seconds = with.get("/api/runs/1/timeline?step=1s");
  REQUIRE(seconds["points"].size() == 20);
  CHECK(seconds["points"][0]["hits"] == 10);
  CHECK(seconds["points"][13]["hits"] == 0);
  CHECK(seconds["points"][13]["response_ms"]["p95"].is_null());
  CHECK(seconds["points"][19]["users"] == 29);
  const json tens = with.get("/api/runs/1/timeline?step=10s&p=99.9");
  REQUIRE(tens["points"].size() == 2);
  CHECK(tens["points"][0]["hits"] == 100);
  CHECK(tens["points"][1]["hits"] == 90);
  CHECK(tens["points"][1]["per_s"] == 9.0);
  CHECK(tens["points"][1]["users"] == 29);
  CHECK(tens["points"][0]["percentiles_ms"]["99.9"] == tens["points"][0]["response_ms"]["p999"]);
}

TEST_CASE("a step that cannot be made of what is stored names itself", "[http][application]") {
  SiteWithRuns with;
  const Response label = with.site.get("/api/runs/1/timeline?label=GET%20http://h/a&step=5s");
  CHECK(label.status == 400);
  CHECK(json::parse(label.body)["error"]["field"] == "step");
  CHECK(with.site.get("/api/runs/1/timeline?label=nothing").status == 404);
  CHECK(with.get("/api/runs/1/timeline?label=GET%20http://h/a&step=20s")["points"].size() == 1);
}

TEST_CASE("a histogram counts every hit once", "[http][application]") {
  SiteWithRuns with;
  for (const char* buckets : {"1", "7", "60", "1000"}) {
    const json histogram = with.get("/api/runs/1/histogram?buckets=" + std::string{buckets});
    std::uint64_t sum = 0;
    double edge = histogram["min_ms"];
    for (const json& bucket : histogram["buckets"]) {
      sum += bucket["count"].get<std::uint64_t>();
      CHECK(bucket["from_ms"] == edge);
      edge = bucket["to_ms"];
    }
    CHECK(sum == histogram["count"]);
    CHECK(edge == histogram["max_ms"]);
  }
}

TEST_CASE("labels are sorted, searched and paged", "[http][application]") {
  SiteWithRuns with;
  const json by_name = with.get("/api/runs/1/labels?sort=label");
  CHECK(by_name["total"] == 3);
  CHECK(by_name["labels"][0]["label"] == "GET http://h/a");
  CHECK(with.get("/api/runs/1/labels?sort=label&order=desc")["labels"][0]["method"] == "POST");
  CHECK(with.get("/api/runs/1/labels?q=LOGIN")["total"] == 1);
  const json page = with.get("/api/runs/1/labels?sort=label&limit=1&offset=2");
  CHECK(page["labels"].size() == 1);
  CHECK(page["labels"][0]["label"] == "POST http://h/login");
  CHECK(page["total"] == 3);
  CHECK(with.site.get("/api/runs/1/labels?sort=colour").status == 400);
}

TEST_CASE("a run twice as slow is 100 % slower in every label", "[http][application]") {
  SiteWithRuns with;
  const json compared = with.get("/api/compare?base=1&run=2");
  CHECK(compared["base"]["number"] == 1);
  CHECK(compared["runs"][0]["change"]["mean"].get<double>() == Approx(100).margin(0.2));
  REQUIRE(compared["total"] == 3);
  for (const json& label : compared["labels"]) {
    CHECK(label["runs"][0]["change"]["p95"].get<double>() == Approx(100).margin(0.3));
    CHECK(label["runs"][0]["change"]["too_few"] == json{"p90", "p95", "p99", "p999"});
  }
  CHECK(with.site.get("/api/compare?base=1").status == 400);
  const Response missing = with.site.get("/api/compare?base=1&run=9");
  CHECK(missing.status == 404);
  CHECK(json::parse(missing.body)["error"]["field"] == "run");
}

TEST_CASE("an order is answered by what became of it", "[http][application]") {
  SiteWithRuns with;
  Outcome outcome;
  CHECK(with.site.ask(post("/api/runs/1/stop", ""), outcome).status == 200);
  outcome.verdict = Outcome::Verdict::conflict;
  CHECK(with.site.ask(post("/api/runs/1/stop", ""), outcome).status == 409);
  outcome.verdict = Outcome::Verdict::later;
  const Response later = with.site.ask(post("/api/runs/1/stop", ""), outcome);
  CHECK(later.status == 503);
  CHECK(field_of(later, "Retry-After") == "1");
  with.site.orders.is_full = true;
  CHECK(with.site.ask(post("/api/runs/1/stop", "")).status == 503);
}

TEST_CASE("messages are passed on as they came", "[http][application]") {
  Site site;
  const Fields fields{
      kHost, {"Content-Type", "application/json; charset=utf-8"}, {"Idempotency-Key", "k"}};
  Outcome outcome;
  outcome.accepted = 1;
  CHECK(site.ask(post("/api/messages?run_id=r&worker_id=w", "{}", fields), outcome).status == 200);
  const auto& messages = std::get<Messages>(site.orders.orders.at(0));
  CHECK(messages.body == "{}");
  CHECK(messages.run_id == "r");
  CHECK(messages.worker_id == "w");
  CHECK(messages.idempotency_key == "k");
}

TEST_CASE("messages of which none is accepted are the sender's fault", "[http][application]") {
  Site site;
  Outcome outcome;
  outcome.rejected = 2;
  outcome.reasons[static_cast<std::size_t>(schema::ErrorCode::bad_type)] = 2;
  outcome.refused = {{0, schema::ErrorCode::bad_type, "status: not a number"}};
  const Response response = site.ask(post("/api/messages", "{}"), outcome);
  CHECK(response.status == 422);
  const json body = json::parse(response.body);
  CHECK(body["error"]["code"] == "bad_type");
  CHECK(body["error"]["field"] == "messages[0]");
  CHECK(body["reasons"] == json{{"bad_type", 2}});
}

TEST_CASE("a body that can be no messages is refused before anything", "[http][application]") {
  Site site;
  CHECK(site.ask(post("/api/messages", " \n")).status == 400);
  CHECK(site.ask(post("/api/messages?run_id=a/b", "{}")).status == 400);
  CHECK(site.ask(post("/api/messages", "{}", {kHost, {"Content-Type", "image/png"}})).status ==
        415);
  CHECK(site.ask(post("/api/messages", "{}", {kHost, {"Idempotency-Key", "a b"}})).status == 400);
  CHECK(site.orders.orders.empty());
}

TEST_CASE("a baseline is deleted only by force", "[http][application]") {
  SiteWithRuns with;
  with.execute("UPDATE runs SET baseline = 1 WHERE id = 1");
  const auto status = [&](std::string_view target) {
    return with.site.ask(request(Method::delete_, target)).status;
  };
  CHECK(status("/api/runs/1") == 409);
  CHECK(with.site.orders.orders.empty());
  CHECK(status("/api/runs/1?force=true") == 204);
  CHECK(status("/api/runs/2") == 204);
}

TEST_CASE("what of a run can be changed is checked key by key", "[http][application]") {
  SiteWithRuns with;
  const auto status = [&](std::string body) {
    Request asked = request(Method::patch, "/api/runs/1");
    asked.body = std::move(body);
    return with.site.ask(std::move(asked)).status;
  };
  CHECK(status(R"({"note":"n","baseline":true,"tags":{"a":"b"},"name":"x"})") == 200);
  const auto& change = std::get<ChangeRun>(with.site.orders.orders.at(0));
  CHECK(change.run == 1);
  CHECK(change.note == "n");
  CHECK(change.tags->at(0).value == "b");
  for (const char* body : {"", "[]", "{}", R"({"note":1})", R"({"baseline":"yes"})",
                           R"({"tags":["a"]})", R"({"tags":{"a":1}})", R"({"state":"finished"})"}) {
    INFO(body);
    CHECK(status(body) == 400);
  }
  CHECK(with.site.orders.orders.size() == 1);
}

TEST_CASE("signing in gives a cookie that scripts cannot read", "[http][application]") {
  Site site;
  site.tokens.needed = true;
  CHECK(json::parse(site.get("/api/session").body)["role"].is_null());
  CHECK(site.ask(post("/api/session", R"({"token":"guess"})")).status == 401);
  const Response response = site.ask(post("/api/session", R"({"token":"viewer"})"));
  REQUIRE(response.status == 200);
  const std::string cookie = field_of(response, "Set-Cookie");
  CHECK(cookie.find("HttpOnly") != std::string::npos);
  CHECK(cookie.find("SameSite=Strict") != std::string::npos);
  const std::string pair = cookie.substr(0, cookie.find(';'));
  CHECK(site.ask(request(Method::get, "/api/session", {kHost, {"Cookie", pair}}))
            .body.find("viewer") != std::string::npos);
  CHECK(site.ask(request(Method::delete_, "/api/session", {kHost, {"Cookie", pair}})).status ==
        204);
  CHECK(json::parse(
            site.ask(request(Method::get, "/api/session", {kHost, {"Cookie", pair}})).body)["role"]
            .is_null());
}

TEST_CASE("a handler that throws is a 500 that says nothing, and a complaint",
          "[http][application]") {
  Site site;
  const Route route{Method::get, "/x", Access::open, Place::loop,
                    [](Request&) -> Handled { throw std::runtime_error("secret path"); }};
  Request asked = request(Method::get, "/x");
  const Handled handled = site.application.handle(route, asked);
  REQUIRE_FALSE(handled);
  CHECK(handled.error().status == 500);
  CHECK(handled.error().message.find("secret") == std::string::npos);
  CHECK(site.complaints.size() == 1);
}

TEST_CASE("other pages may ask what they may do only where they are listed",
          "[http][application]") {
  HttpConfig config;
  config.origins = {"https://grafana.example"};
  Site site{"no.db", config};
  const auto options = [&](std::string_view origin) {
    Request asked = request(Method::options, "/api/runs", {kHost, {"Origin", origin}});
    auto response = site.application.options(asked);
    REQUIRE(response.has_value());
    site.application.complete(asked, *response);
    return *response;
  };
  CHECK(field_of(options("https://grafana.example"), "Access-Control-Allow-Methods") ==
        "GET, HEAD");
  CHECK(field_of(options("https://grafana.example"), "Access-Control-Allow-Origin") ==
        "https://grafana.example");
  CHECK(field_of(options("https://evil.example"), "Access-Control-Allow-Origin").empty());
}
