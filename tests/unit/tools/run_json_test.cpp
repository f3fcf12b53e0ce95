#include "store/run_json.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "schema/summary_json.hpp"
#include "tests/unit/tools/sample_report.hpp"

namespace weir::tools {

using Catch::Contains;

TEST_CASE("a report in JSON is a summary that can be read again", "[tools][run_json]") {
  const store::RunReport report = sample_report();
  const auto summary = schema::summary_from_json(store::report_to_json(report));
  REQUIRE(summary);
  CHECK(summary->run_id == report.summary.run_id);
  CHECK(summary->hits == report.summary.hits);
  CHECK(summary->labels.size() == report.summary.labels.size());
  CHECK(summary->status == report.summary.status);
  CHECK(summary->state == schema::RunState::finished);
}

TEST_CASE("a report in JSON has every label and error, with tracebacks", "[tools][run_json]") {
  store::RunReport report = sample_report();
  report.summary.labels.assign(300, report.summary.labels[0]);
  report.summary.errors.assign(200, report.summary.errors[1]);
  const auto summary = schema::summary_from_json(store::report_to_json(report));
  REQUIRE(summary);
  CHECK(summary->labels.size() == 300);
  CHECK(summary->errors.size() == 200);
  CHECK_THAT(store::report_to_json(sample_report()), Contains("  frame 7\\n"));
}

TEST_CASE("a report in JSON adds what only the store knows", "[tools][run_json]") {
  const std::string json = store::report_to_json(sample_report());
  for (const char* part :
       {R"("number": 7)", R"("name": "Checkout, a Friday")", R"("result": "passed")",
        R"("started": "2026-11-21T19:47:38.000000Z")", R"("ended": "2026-11-21T20:00:12.000000Z")",
        R"("users_max": 300)", R"("env": "staging")", R"("hits_not_kept": 1101499)",
        R"("worker_id": "node-2")", R"("missing": 12)", R"("test": "TestShop.test_basket")",
        R"("event": "finished")", R"("not_json": 1)", R"("p50": 0.5)"}) {
    CHECK_THAT(json, Contains(part));
  }
  CHECK_THAT(json, Contains("\"detail\": {\n        \"state\": \"finished\"\n      }"));
}

TEST_CASE("runs in JSON are an array, also when there is none", "[tools][run_json]") {
  CHECK(store::runs_to_json({}) == "[]");
  const std::string json = store::runs_to_json({sample_report().row});
  for (const char* part : {R"("number": 7)", R"("count": 1204511)", R"("failed": 3012)",
                           R"("p95": 26.4)", R"("workers": 3)", R"("elapsed_s": 754.0)"}) {
    CHECK_THAT(json, Contains(part));
  }
}

TEST_CASE("bytes of a results file that are not UTF-8 do not break its JSON", "[tools][run_json]") {
  store::RunReport report = sample_report();
  report.row.note = "a\xFF";
  report.events[0].detail = "\xFF{";
  CHECK(schema::summary_from_json(store::report_to_json(report)));
  CHECK_THAT(store::report_to_json(report), Contains("a\uFFFD"));
}

}  // namespace weir::tools
