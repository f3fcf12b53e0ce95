#include "http/metrics.hpp"

#include <catch2/catch.hpp>

using namespace weir;
using namespace weir::http;
using Catch::Contains;

namespace {

SummaryRef run(const std::string& run_id, bool final = false) {
  auto summary = std::make_shared<schema::Summary>();
  summary->run_id = run_id;
  summary->final = final;
  summary->hits.count = 5;
  summary->response.p95_us = 12'500;
  return summary;
}

}  // namespace

TEST_CASE("without a message of the broker only the version is told", "[http][metrics]") {
  const std::string text = metrics_text("1.2.3", "", {});
  CHECK_THAT(text, Contains("weir_build_info{version=\"1.2.3\"} 1"));
  CHECK_THAT(text, !Contains("weir_messages_decoded_total"));
}

TEST_CASE("figures of the broker are in seconds and bytes", "[http][metrics]") {
  const std::string text = metrics_text(
      "1",
      R"({"decoded":7,"longest_pause_us":1500,"rejected":{"total":3,"not_json":3,"bad_type":0}})",
      {});
  CHECK_THAT(text, Contains("\nweir_messages_decoded_total 7"));
  CHECK_THAT(text, Contains("\nweir_longest_pause_seconds 0.0015"));
  CHECK_THAT(text, Contains("\nweir_messages_rejected_total{reason=\"not_json\"} 3"));
  CHECK_THAT(text, !Contains("reason=\"total\""));
  CHECK_THAT(text, !Contains("weir_journal_queue_bytes"));  // nothing is journaled
}

TEST_CASE("only active runs are told of, with their names escaped", "[http][metrics]") {
  const std::string text = metrics_text("1", "{}", {run("a\"b\\c"), run("over", true)});
  CHECK_THAT(text, Contains(R"(weir_run_hits_total{run_id="a\"b\\c"} 5)"));
  CHECK_THAT(text,
             Contains(R"(weir_run_response_seconds{run_id="a\"b\\c",quantile="0.95"} 0.0125)"));
  CHECK_THAT(text, !Contains("over"));
  CHECK_THAT(text, !Contains("weir_run_users{"));
}
