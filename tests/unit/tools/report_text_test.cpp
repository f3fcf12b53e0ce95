#include "tools/report_text.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/tools/expected_screen.hpp"
#include "tests/unit/tools/sample_report.hpp"
#include "tools/report_sections.hpp"
#include "tools/run_list.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

constexpr TextForm kTerminal{80, true, false};
constexpr TextForm kFile{80, false, false};

std::string text(const std::vector<StyledLine>& lines) { return to_text(lines, false); }

}  // namespace

TEST_CASE("the report of a run on a terminal of 80 columns", "[tools][report_text]") {
  CHECK(text(report_text(sample_report(), kTerminal)) ==
        expected_screen("tests/unit/tools/screens/report.txt"));
}

TEST_CASE("a report keeps within the terminal, whatever its width", "[tools][report_text]") {
  for (std::size_t width = 64; width <= 160; ++width) {
    for (const StyledLine& line : report_text(sample_report(), {width, true, false})) {
      CHECK(display_width(line) <= width);
    }
  }
}

TEST_CASE("tables and errors fit even a narrow terminal", "[tools][report_text]") {
  const TextForm narrow{40, true, false};
  for (const auto section : {labels_section, tests_section, errors_section, workers_section}) {
    for (const StyledLine& line : section(sample_report(), narrow)) {
      CHECK(display_width(line) <= 40);
    }
  }
}

TEST_CASE("a report to a file has labels in full", "[tools][report_text]") {
  CHECK_THAT(text(report_text(sample_report(), kFile)),
             Catch::Contains("GET http://shop.example.com/api/customers/{id}/recommendations"));
}

TEST_CASE("the report of a run without hits has no figures", "[tools][report_text]") {
  store::RunReport report;
  report.row.run = 3;
  report.row.run_id = "run-3";
  report.row.started = *schema::parse_time("2026-11-21T20:00:00Z");
  report.row.latest = report.row.started + std::chrono::seconds{5};
  report.row.workers = 1;
  CHECK(text(report_text(report, kTerminal)) ==
        "run       run-3 (number 3)\n"
        "state     running\n"
        "time      2026-11-21 20:00:00 UTC, so far 0:05\n"
        "workers   1\n"
        "\n"
        "               hits   per s   failed       %      sent  received\n"
        "all               0       -        0       -         -         -\n"
        "            min   mean     sd    p50    p90    p95    p99  p99.9    max\n"
        "time ms       -      -      -      -      -      -      -      -      -\n");
}

TEST_CASE("of many workers only those with gaps are listed", "[tools][report_text]") {
  store::RunReport report = sample_report();
  report.workers.clear();
  for (int i = 0; i < 30; ++i) report.workers.push_back(worker("w" + std::to_string(i), 100, 0));
  CHECK(text(workers_section(report, kTerminal)) == "30 workers, none with gaps\n");
  report.workers[17].missing = 4;
  const std::string section = text(workers_section(report, kTerminal));
  CHECK_THAT(section, Catch::Contains("w17"));
  CHECK_THAT(section, !Catch::Contains("w18"));
  CHECK_THAT(section, Catch::EndsWith("of 30 workers: --format json has all\n"));
}

TEST_CASE("what a report leaves out it says", "[tools][report_text]") {
  store::RunReport report = sample_report();
  const schema::LabelSummary one = report.summary.labels[0];
  report.summary.labels.assign(kLabelsShown + 7, one);
  report.summary.labels_total = report.summary.labels.size();
  report.summary.errors.assign(kErrorsShown + 2, report.summary.errors[3]);
  report.summary.errors_total = report.summary.errors.size();
  CHECK_THAT(text(labels_section(report, kTerminal)),
             Catch::EndsWith("and 7 more: --format json has them\n"));
  CHECK_THAT(text(errors_section(report, kTerminal)),
             Catch::EndsWith("and 2 more: --format json has them\n"));
}

TEST_CASE("texts of a results file cannot control the terminal", "[tools][report_text]") {
  store::RunReport report = sample_report();
  const std::string evil = "\x1b[2J\n\u009B";
  report.row.run_id = report.row.name = report.row.project = report.row.scenario = evil;
  report.row.note = evil;
  report.row.tags = {{evil, evil}};
  report.summary.labels[0].label = evil;
  report.summary.errors[0].class_name = report.summary.errors[0].message = evil;
  report.summary.errors[0].traceback = evil;
  report.summary.errors[0].kind = evil;
  report.summary.counters = {{evil, 1}};
  report.summary.method = {{evil, 1}};
  report.workers[0].worker_id = evil;
  report.tests[0].test = evil;
  report.rejects[0].reason = evil;
  for (const TextForm& form : {kTerminal, kFile}) {
    for (const StyledLine& line : report_text(report, form)) {
      for (const Span& span : line) CHECK(printable(span.text) == span.text);
    }
  }
}

TEST_CASE("the list of runs on a terminal of 80 columns", "[tools][run_list]") {
  store::RunRow running = sample_report().row;
  running.run = 8;
  running.run_id = "run-8";
  running.name.clear();
  running.state = schema::RunState::running;
  running.result.reset();
  running.response = {};
  running.failed = 0;
  running.latest = running.started + std::chrono::seconds{7};
  CHECK(text(run_list({running, sample_report().row}, kTerminal)) ==
        expected_screen("tests/unit/tools/screens/runs.txt"));
}

TEST_CASE("the list of runs in a file has all columns, whatever their width", "[tools][run_list]") {
  store::RunRow row = sample_report().row;
  row.run_id = std::string(100, 'x');
  CHECK(text(run_list({row}, kFile)) ==
        " #  run" + std::string(99, ' ') +
            "name                state     result  started            time       hits  fail %  "
            "p95 ms\n 7  " +
            row.run_id +
            "  Checkout, a Friday  finished  passed  2026-11-21 19:47  12:34  1,204,511    0.25  "
            "  26.4\n");
}

}  // namespace weir::tools
