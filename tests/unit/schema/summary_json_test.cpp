#include "schema/summary_json.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/ids.hpp"

using namespace weir::schema;
using Json = nlohmann::ordered_json;

namespace {

std::string sample_file() {
  std::ifstream file{WEIR_SOURCE_DIR "/tests/contract/summary-sample.json"};
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Timestamp at(std::string_view text) { return *parse_time(text); }

DurationSummary durations(std::uint64_t count, std::int64_t median) {
  DurationSummary summary;
  summary.count = count;
  summary.mean_us = static_cast<double>(median) * 1.1 + 0.25;
  summary.sd_us = 4'500.4;
  summary.min_us = 1'200;
  summary.max_us = 98'700;
  summary.p50_us = median;
  summary.p90_us = 20'100;
  summary.p95_us = 25'000;
  summary.p99_us = 60'201;
  summary.p999_us = 98'700;
  return summary;
}

// The run of the contract's example, with every figure that can be there.
Summary sample() {
  Summary summary;
  summary.run_id = "7";
  summary.number = 7;
  summary.seq = 12;
  summary.time = at("2026-11-21T20:00:12Z");
  summary.elapsed_s = 12.0;
  summary.workers_active = 3;
  summary.workers_total = 4;
  summary.users = 30;
  summary.hits = {1'200, 3, 0.9975, 100.00004, 0, 64'512};
  summary.response = durations(1'200, 11'000);
  summary.tests = {120, 118, 117, 1, 0, 9.83333333};
  summary.sockets = {4, 3, 1, 7, 63};
  summary.counters = {{"gadgets \"sold\"", 1}, {"widgets-bought", 4}};
  summary.status = {{0, 1}, {200, 1'197}, {500, 2}};
  summary.method = {{"GET", 1'190}, {"POST", 10}};
  LabelSummary items;
  items.label = "GET http://127.0.0.1:8080/api/items/{id}";
  items.method = "GET";
  items.url = "http://127.0.0.1:8080/api/items/{id}";
  items.count = 1'190;
  items.failed = 1;
  items.per_s = 99.16666666;
  items.response = durations(1'190, 10'500);
  items.status = {{0, 1}, {200, 1'189}};
  LabelSummary checkout;
  checkout.label = "checkout";
  checkout.name = "checkout";
  checkout.method = "POST";
  checkout.url = "http://127.0.0.1:8080/api/orders";
  checkout.count = 10;
  checkout.failed = 2;
  checkout.bytes_sent = 0;
  checkout.bytes_received = 64'512;
  checkout.response.count = 10;
  checkout.status = {{200, 8}, {500, 2}};
  summary.labels = {items, checkout};
  summary.labels_total = 17;
  summary.urls_distinct = 421;
  summary.errors = {{"failure", "AssertionError", "500 != 200", "File \"shop.py\", line 16", 2,
                     at("2026-11-21T20:00:03.25Z"), at("2026-11-21T20:00:11.743477Z")},
                    {"hit", "", "connection refused", "", 1, at("2026-11-21T20:00:05Z"),
                     at("2026-11-21T20:00:05Z")}};
  summary.errors_total = 2;
  summary.late = 1;
  summary.skewed = 2;
  summary.clamped = 1;
  summary.missing = 3;
  summary.duplicate = 4;
  summary.last = {1.0, 101, 0, 101.0, durations(101, 11'100), {}, 700};
  return summary;
}

Json written(const Summary& summary, const SummaryShape& shape = {}) {
  return Json::parse(summary_to_json(summary, shape));
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

void must_refuse(const std::string& json, ErrorCode code) {
  INFO(json);
  const auto summary = summary_from_json(json);
  REQUIRE_FALSE(summary.has_value());
  CHECK(summary.error().code == code);
  CHECK_FALSE(summary.error().detail.empty());
}

}  // namespace

TEST_CASE("a summary is written exactly as the recorded sample", "[schema][summary_json]") {
  SummaryShape shape;
  shape.pretty = true;
  CHECK(summary_to_json(sample(), shape) + "\n" == sample_file());
  CHECK(written(sample()).dump() == summary_to_json(sample()));
}

TEST_CASE("the keys of a summary are those of the contract, in its order",
          "[schema][summary_json]") {
  using Keys = std::vector<std::string>;
  const Json json = written(sample());
  CHECK(keys_of(json) ==
        Keys{"type",         "run_id",    "number",        "seq",          "time",   "state",
             "final",        "elapsed_s", "workers",       "users",        "hits",   "response_ms",
             "tests",        "sockets",   "counters",      "status",       "method", "labels",
             "labels_total", "errors",    "urls_distinct", "errors_total", "late",   "skewed",
             "clamped",      "missing",   "duplicate",     "last_s"});
  CHECK(keys_of(json["workers"]) == Keys{"active", "total"});
  CHECK(keys_of(json["hits"]) ==
        Keys{"count", "failed", "success_rate", "per_s", "bytes_sent", "bytes_received"});
  const Keys durations{"count", "mean", "sd", "min", "max", "p50", "p90", "p95", "p99", "p999"};
  CHECK(keys_of(json["response_ms"]) == durations);
  CHECK(keys_of(json["labels"][0]["response_ms"]) == durations);
  CHECK(keys_of(json["last_s"]["response_ms"]) == durations);
  CHECK(keys_of(json["tests"]) ==
        Keys{"started", "finished", "success", "failure", "error", "per_s"});
  CHECK(keys_of(json["sockets"]) == Keys{"opened", "closed", "open", "messages", "bytes_received"});
  CHECK(keys_of(json["labels"][0]) ==
        Keys{"label", "method", "url", "count", "failed", "per_s", "response_ms", "status"});
  CHECK(keys_of(json["labels"][1]) == Keys{"label", "name", "method", "url", "count", "failed",
                                           "per_s", "bytes_sent", "bytes_received", "response_ms",
                                           "status"});
  CHECK(keys_of(json["errors"][0]) == Keys{"kind", "class", "message", "count", "first", "last"});
  CHECK(keys_of(json["last_s"]) ==
        Keys{"seconds", "hits", "failed", "per_s", "bytes_sent", "bytes_received", "response_ms"});
}

TEST_CASE("a figure without data is null, never 0", "[schema][summary_json]") {
  Summary empty;
  empty.run_id = "run-1";
  const Json json = written(empty);
  CHECK(json["users"].is_null());
  CHECK(json["hits"] == Json{{"count", 0},
                             {"failed", 0},
                             {"success_rate", nullptr},
                             {"per_s", nullptr},
                             {"bytes_sent", nullptr},
                             {"bytes_received", nullptr}});
  CHECK(json["response_ms"]["count"] == 0);
  for (const char* key : {"mean", "sd", "min", "max", "p50", "p90", "p95", "p99", "p999"}) {
    CHECK(json["response_ms"][key].is_null());
  }
  CHECK(json["tests"]["per_s"].is_null());
  CHECK(json["counters"] == Json::object());
  CHECK(json["status"] == Json::object());
  CHECK(json["method"] == Json::object());
  CHECK(json["labels"] == Json::array());
  CHECK(json["errors"] == Json::array());
  CHECK(json["last_s"].is_null());
}

TEST_CASE("durations are milliseconds to the microsecond", "[schema][summary_json]") {
  Summary summary;
  summary.response.mean_us = 12'345.6789;
  summary.response.sd_us = 0.4;
  summary.response.min_us = 0;
  summary.response.max_us = 86'400'000'000;
  summary.response.p50_us = 1;
  const Json json = written(summary)["response_ms"];
  CHECK(json["mean"].dump() == "12.346");
  CHECK(json["sd"].dump() == "0.0");
  CHECK(json["min"].dump() == "0.0");
  CHECK(json["max"].dump() == "86400000.0");
  CHECK(json["p50"].dump() == "0.001");
}

TEST_CASE("rates have four decimals, the success rate six", "[schema][summary_json]") {
  Summary summary;
  const auto hits = [&](double success_rate, double per_s) {
    summary.hits.success_rate = success_rate;
    summary.hits.per_s = per_s;
    return written(summary)["hits"];
  };
  CHECK(hits(2.0 / 3, 1.0 / 3)["success_rate"].dump() == "0.666667");
  CHECK(hits(2.0 / 3, 1.0 / 3)["per_s"].dump() == "0.3333");
  CHECK(hits(1.0, 100.0)["success_rate"].dump() == "1.0");
  CHECK(hits(0.0, 100.0)["success_rate"].dump() == "0.0");
  CHECK(hits(0.99999999, 0)["success_rate"].dump() == "0.999999");
  CHECK(hits(0.00000001, 0)["success_rate"].dump() == "1e-06");
  CHECK(hits(1, std::numeric_limits<double>::infinity())["per_s"].is_null());
}

TEST_CASE("labels and errors beyond the shape are left out", "[schema][summary_json]") {
  Summary summary = sample();
  summary.labels.resize(60, summary.labels[0]);
  summary.errors.resize(30, summary.errors[0]);
  CHECK(written(summary)["labels"].size() == 50);
  CHECK(written(summary)["errors"].size() == 20);
  CHECK(written(summary)["labels_total"] == 17);
  SummaryShape all;
  all.labels_max = SIZE_MAX;
  all.errors_max = 0;
  CHECK(written(summary, all)["labels"].size() == 60);
  CHECK(written(summary, all)["errors"].empty());
}

TEST_CASE("tracebacks are written when asked for", "[schema][summary_json]") {
  SummaryShape shape;
  shape.tracebacks = true;
  const Json errors = written(sample(), shape)["errors"];
  CHECK(keys_of(errors[0]) == std::vector<std::string>{"kind", "class", "message", "traceback",
                                                       "count", "first", "last"});
  CHECK(errors[0]["traceback"] == "File \"shop.py\", line 16");
  CHECK(errors[1]["traceback"].get<std::string>().empty());
}

TEST_CASE("text that is not UTF-8 is written with replacement characters",
          "[schema][summary_json]") {
  Summary summary = sample();
  summary.run_id = "run \xFF";
  summary.errors[0].message = "caf\xE9 \xE2\x82";
  summary.counters = {{"bad\xC3", 1}};
  const std::string json = summary_to_json(summary);
  CHECK(is_utf8(json));
  CHECK(Json::parse(json)["run_id"] == "run \uFFFD");
  CHECK(Json::parse(json)["counters"] == Json{{"bad\uFFFD", 1}});
}

TEST_CASE("a summary comes back from its JSON", "[schema][summary_json]") {
  SummaryShape shape;
  shape.tracebacks = true;
  Summary expected = sample();
  const auto read = summary_from_json(summary_to_json(expected, shape));
  REQUIRE(read.has_value());
  CHECK(summary_to_json(*read, shape) == summary_to_json(expected, shape));

  CHECK(read->run_id == expected.run_id);
  CHECK(read->time == expected.time);
  CHECK(read->status == expected.status);
  CHECK(read->method == expected.method);
  CHECK(read->counters == expected.counters);
  CHECK(read->sockets == expected.sockets);
  CHECK(read->errors == expected.errors);
  expected.response.mean_us = 12'100;
  expected.response.sd_us = 4'500;
  CHECK(read->response == expected.response);
  expected.labels[0].response.mean_us = 11'550;
  expected.labels[0].response.sd_us = 4'500;
  expected.labels[0].per_s = 99.1667;
  CHECK(read->labels == expected.labels);
}

TEST_CASE("every state comes back, and so does a summary without data", "[schema][summary_json]") {
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(RunState::archived); ++i) {
    Summary summary;
    summary.run_id = "r";
    summary.number = 1;
    summary.state = static_cast<RunState>(i);
    summary.final = i % 2 == 1;
    const auto read = summary_from_json(summary_to_json(summary));
    REQUIRE(read.has_value());
    CHECK(read->state == summary.state);
    CHECK(read->final == summary.final);
    CHECK(summary_to_json(*read) == summary_to_json(summary));
    CHECK_FALSE(read->last.has_value());
    CHECK_FALSE(read->users.has_value());
  }
}

TEST_CASE("large counts come back whole", "[schema][summary_json]") {
  Summary summary = sample();
  summary.hits.count = UINT64_MAX;
  summary.hits.bytes_received = INT64_MAX;
  summary.seq = UINT64_MAX - 1;
  const auto read = summary_from_json(summary_to_json(summary));
  REQUIRE(read.has_value());
  CHECK(read->hits.count == UINT64_MAX);
  CHECK(read->hits.bytes_received == INT64_MAX);
  CHECK(read->seq == UINT64_MAX - 1);
}

TEST_CASE("unknown keys are ignored, absent and null ones are no data", "[schema][summary_json]") {
  const auto read = summary_from_json(
      R"({"run_id":"a","seq":1,"time":"2026-11-21T20:00:12Z","state":"running","new":{"x":[1]},
          "hits":{"count":5,"unheard":1,"per_s":null},"labels":null,"users":null})");
  REQUIRE(read.has_value());
  CHECK(read->run_id == "a");
  CHECK(read->hits.count == 5);
  CHECK_FALSE(read->hits.per_s.has_value());
  CHECK(read->labels.empty());
}

TEST_CASE("what is not a summary is refused", "[schema][summary_json]") {
  must_refuse("", ErrorCode::not_json);
  must_refuse("{", ErrorCode::not_json);
  must_refuse("{\"run_id\":\"\xFF\"}", ErrorCode::not_json);
  must_refuse(std::string(100'000, '['), ErrorCode::not_json);
  must_refuse("[]", ErrorCode::not_object);
  must_refuse("null", ErrorCode::not_object);
  must_refuse("{}", ErrorCode::missing_field);
  must_refuse(R"({"type":"broker"})", ErrorCode::bad_type);
  for (const char* key : {"run_id", "seq", "time", "state"}) {
    Json json = written(sample());
    json.erase(key);
    must_refuse(json.dump(), ErrorCode::missing_field);
    json[key] = nullptr;
    must_refuse(json.dump(), ErrorCode::bad_type);
  }
}

TEST_CASE("a value of the wrong type is refused wherever it stands", "[schema][summary_json]") {
  const Json good = written(sample());
  const Json values = good.flatten();
  for (const auto& [pointer, value] : values.items()) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = Json::array({1});
    must_refuse(bad.dump(), ErrorCode::bad_type);
  }
  for (const char* pointer : {"/hits", "/workers", "/response_ms", "/tests", "/sockets",
                              "/counters", "/status", "/method", "/labels", "/errors", "/last_s",
                              "/labels/0", "/errors/0", "/labels/0/response_ms"}) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = "text";
    must_refuse(bad.dump(), ErrorCode::bad_type);
  }
}

TEST_CASE("numbers out of range are refused", "[schema][summary_json]") {
  const Json good = written(sample());
  const auto must_refuse_at = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    must_refuse(bad.dump(), ErrorCode::bad_type);
  };
  must_refuse_at("/seq", -1);
  must_refuse_at("/hits/count", 1.5);
  must_refuse_at("/hits/bytes_sent", UINT64_MAX);
  must_refuse_at("/response_ms/p50", 1e300);
  must_refuse_at("/response_ms/mean", -1e300);
  must_refuse_at("/time", "2026-13-01T00:00:00Z");
  must_refuse_at("/state", "walking");
  must_refuse_at("/status", Json{{"2x", 1}});
  must_refuse_at("/status", Json{{"99999999999", 1}});
}

TEST_CASE("damaged JSON never throws", "[schema][summary_json]") {
  std::mt19937_64 random{29};
  const std::string good = summary_to_json(sample());
  std::size_t refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string bad = good;
    for (int change = 0; change < 3; ++change) {
      bad[random() % bad.size()] = "{}[]\",:0-1e.null\xFF"[random() % 17];
    }
    if (!summary_from_json(bad)) ++refused;
  }
  CHECK(refused > 1'000);
  for (std::size_t length = 0; length < good.size(); ++length) {
    if (summary_from_json(std::string_view(good).substr(0, length))) FAIL(length);
  }
}
