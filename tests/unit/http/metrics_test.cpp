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
  summary->response.count = 1'000;
  summary->response.mean_us = 2'500;
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

TEST_CASE("whether journal and store are well is 1 or 0", "[http][metrics]") {
  const auto text = [](std::string_view broker) { return metrics_text("1", broker, {}); };
  const std::string well = text(R"({"journal":{"state":"ok"},"store":{"last_error":null}})");
  CHECK_THAT(well, Contains("\nweir_journal_ok 1") && Contains("\nweir_store_ok 1"));
  CHECK_THAT(text(R"({"journal":{"state":"no_space"}})"), Contains("\nweir_journal_ok 0"));
  CHECK_THAT(text(R"({"journal":null,"store":{"last_error":"full"}})"),
             Contains("\nweir_store_ok 0") && !Contains("weir_journal_ok"));
  CHECK_THAT(text(R"({"store":{"last_error":null,"sync_failed":true}})"),
             Contains("\nweir_store_ok 0"));
}

TEST_CASE("only active runs are told of, with their names escaped", "[http][metrics]") {
  const std::string text = metrics_text("1", "{}", {run("a\"b\\c"), run("over", true)});
  CHECK_THAT(text, Contains(R"(weir_run_hits_total{run_id="a\"b\\c"} 5)"));
  CHECK_THAT(text,
             Contains(R"(weir_run_response_seconds{run_id="a\"b\\c",quantile="0.95"} 0.0125)"));
  CHECK_THAT(text, Contains(R"(weir_run_response_seconds_count{run_id="a\"b\\c"} 1000)"));
  CHECK_THAT(text, Contains(R"(weir_run_response_seconds_sum{run_id="a\"b\\c"} 2.5)"));
  CHECK_THAT(text, !Contains("over"));
  CHECK_THAT(text, !Contains("weir_run_users{"));
}
