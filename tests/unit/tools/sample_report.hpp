#pragma once

#include <string>

#include "store/run_report.hpp"
#include "tests/unit/tools/sample_run.hpp"

namespace weir::tools {

inline schema::WorkerRecord worker(std::string id, std::uint64_t messages, std::uint64_t missing) {
  schema::WorkerRecord out;
  out.run = 7;
  out.worker_id = std::move(id);
  out.first = *schema::parse_time("2026-11-21T19:47:38Z");
  out.last = *schema::parse_time("2026-11-21T20:00:12Z");
  out.messages = messages;
  out.missing = missing;
  return out;
}

// The run of sample_summary(), ended and read back from the store.
inline store::RunReport sample_report() {
  store::RunReport report;
  schema::Summary& summary = report.summary;
  summary = sample_summary();
  summary.seq = 0;
  summary.state = schema::RunState::finished;
  summary.final = true;
  summary.workers_active = 0;
  summary.last.reset();
  summary.sockets = {4, 3, 1, 7, 63};
  summary.missing = 12;
  summary.errors[0].traceback =
      "Traceback (most recent call last):\n"
      "  File \"/srv/load/checkout.py\", line 41, in test_basket\n"
      "    self.assertIn(item, basket)\n"
      "AssertionError: basket is empty after adding an item\n";
  std::string deep = "Traceback (most recent call last):\n";
  for (int i = 1; i <= 12; ++i) deep += "  frame " + std::to_string(i) + "\n";
  summary.errors[1].traceback = deep + "HTTPError: 500 Server Error";
  summary.errors[2].kind = "hit";

  store::RunRow& row = report.row;
  row.run = 7;
  row.run_id = summary.run_id;
  row.name = "Checkout, a Friday";
  row.project = "shop";
  row.source = "loads";
  row.state = schema::RunState::finished;
  row.result = schema::RunResult::passed;
  row.started = *schema::parse_time("2026-11-21T19:47:38Z");
  row.ended = *schema::parse_time("2026-11-21T20:00:12Z");
  row.latest = *row.ended;
  row.users_max = 300;
  row.workers = 3;
  row.tags = {{"build", "1234"}, {"env", "staging"}};
  row.hits_not_kept = 1101499;
  row.broker_version = "0.1.0";
  row.failed = summary.hits.failed;
  row.response = summary.response;
  row.bytes_received = summary.hits.bytes_received;

  report.workers = {worker("node-1", 401'002, 0), worker("node-2", 400'990, 12),
                    worker("node-3", 402'519, 0)};
  schema::TestRecord& test = report.tests.emplace_back();
  test.run = 7;
  test.test = "TestShop.test_basket";
  test.started = 60221;
  test.finished = 59998;
  test.success = 59961;
  test.failure = 35;
  test.error = 2;
  for (int i = 1; i <= 1000; ++i) test.durations.record(i);
  report.events = {{7, row.started, "started", ""},
                   {7, *row.ended, "finished", R"({"state":"finished"})"}};
  report.rejects = {{7, "missing_field", 2}, {7, "not_json", 1}};
  return report;
}

}  // namespace weir::tools
