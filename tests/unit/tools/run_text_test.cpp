#include "tools/run_text.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace weir::tools {
namespace {

using namespace std::chrono_literals;
using runners::HttpHit;
using runners::HttpLoadOptions;
using runners::HttpLoadResult;

HttpLoadOptions ten_seconds() {
  HttpLoadOptions options;
  options.request.url = "http://me:secret@h/x";
  options.request.method = "GET";
  options.duration = 10s;
  return options;
}

HttpLoadResult four_hits() {
  HttpLoadResult result;
  for (const int ms : {1, 2, 3, 94}) {
    HttpHit hit;
    hit.status = ms == 94 ? 500 : 200;
    hit.elapsed = std::chrono::milliseconds{ms};
    hit.bytes_sent = 100;
    hit.bytes_received = 1000;
    hit.connections = ms == 1 ? 1 : 0;
    hit.late = ms == 94 ? 2500us : 0us;
    result.figures.add(hit);
  }
  result.elapsed = 2s;
  result.report.complete = true;
  result.report.hits_reported = 4;
  result.report.messages.sent = 18;
  return result;
}

TEST_CASE("a load is described in words", "[tools][run_text]") {
  HttpLoadOptions options = ten_seconds();
  CHECK(load_text(options) == "10 users for 10s");
  options.hits = 3;
  options.duration.reset();
  CHECK(load_text(options) == "3 users, 3 hits");
  options.users = 1;
  options.hits = 1000;
  CHECK(load_text(options) == "1 user, 1,000 hits");
  options.rate_per_s = 50;
  options.duration = 90s;
  options.ramp = 5s;
  CHECK(load_text(options) == "50/s, 1,000 hits for 1m30s, ramp 5s with up to 1 user");
  options.rate_per_s = 0.5;
  CHECK(load_text(options).starts_with("0.50/s"));
}

TEST_CASE("the summary shows every figure of the load", "[tools][run_text]") {
  CHECK(summary_text(ten_seconds(), four_hits()) ==
        "url       GET http://h/x\n"
        "load      10 users for 10s\n"
        "hits      4  failed 1 (25.0 %)  2.00/s over 2.00 s\n"
        "response  mean 25.0  p50 2.00  p90 94.0  p95 94.0  p99 94.0  p99.9 94.0  max 94.0  (ms)\n"
        "status    200: 3  500: 1\n"
        "bytes     sent 400 B  received 4.00 kB  over 1 connection\n"
        "reported  4 hits\n");
}

TEST_CASE("a load at a rate says what was late and what was not sent", "[tools][run_text]") {
  HttpLoadOptions options = ten_seconds();
  options.rate_per_s = 2;
  HttpLoadResult result = four_hits();
  result.due_not_sent = 7;
  const std::string text = summary_text(options, result);
  CHECK(text.find("sent_late 1 more than 1 ms after they were due, at most 2.50 ms\n") !=
        std::string::npos);
  CHECK(text.find("not sent  7 that were due") != std::string::npos);
}

TEST_CASE("errors, a stop and what was not reported are shown", "[tools][run_text]") {
  HttpLoadResult result = four_hits();
  HttpHit refused;
  refused.error = "Couldn't connect to server";
  result.figures.add(refused);
  result.stopped = true;
  result.cut_off = 2;
  result.report.hits_not_reported = 5;
  const std::string text = summary_text(ten_seconds(), result);
  CHECK(text.find("10 users for 10s (stopped)\n") != std::string::npos);
  CHECK(text.find("no answer 1: Couldn't connect to server\n") != std::string::npos);
  CHECK(text.find("cut off   2 unanswered") != std::string::npos);
  CHECK(text.find("reported  4 hits, not reported 5\n") != std::string::npos);
}

TEST_CASE("a load without any hit shows no figures instead of zeros", "[tools][run_text]") {
  const std::string text = summary_text(ten_seconds(), HttpLoadResult{});
  CHECK(text.find("mean -  p50 -") != std::string::npos);
  CHECK(text.find("0  failed 0 (- %)  -/s") != std::string::npos);
}

TEST_CASE("incomplete reporting says why", "[tools][run_text]") {
  runners::ReportOutcome outcome = four_hits().report;
  CHECK(reporting_trouble(outcome, "tcp://b:1").empty());
  outcome.complete = false;
  outcome.messages.flush.disconnects = 1;
  CHECK(reporting_trouble(outcome, "tcp://b:1") ==
        "unknown how much was reported: the connection to tcp://b:1 broke");
  outcome.messages.flush = {false, 0};
  CHECK(reporting_trouble(outcome, "tcp://b:1") ==
        "unknown how much was reported: the broker at tcp://b:1 did not take all of it in time");
  outcome.messages.not_sent = 8;
  CHECK(reporting_trouble(outcome, "tcp://b:1") ==
        "8 messages not reported: the broker at tcp://b:1 did not take them in time");
  outcome.messages.sent = 0;
  CHECK(reporting_trouble(outcome, "tcp://b:1") == "nothing reported: no broker at tcp://b:1");
}

TEST_CASE("what was acknowledged is said, and what was not is trouble", "[tools][run_text]") {
  HttpLoadResult result = four_hits();
  runners::Report& messages = result.report.messages;
  messages.acked = runners::Acknowledgement{18, 0, 0, ""};
  CHECK(summary_text(ten_seconds(), result).find("4 hits, acknowledged all of 18 messages\n") !=
        std::string::npos);
  CHECK(reporting_trouble(result.report, "tcp://b:1").empty());
  result.report.complete = false;
  messages.acked = runners::Acknowledgement{10, 3, 5, ""};
  messages.not_sent = 2;
  CHECK(summary_text(ten_seconds(), result).find("4 hits, acknowledged 10 of 18 messages\n") !=
        std::string::npos);
  CHECK(reporting_trouble(result.report, "tcp://b:1") ==
        "not all was acknowledged by the broker at tcp://b:1, 5 messages without an answer in "
        "time, 3 messages refused, 2 messages not sent for want of room");
  messages.acked->failure = "denied: limit";
  CHECK(reporting_trouble(result.report, "tcp://b:1") ==
        "the broker at tcp://b:1 says denied: limit");
  messages = {};
  messages.acked = runners::Acknowledgement{};
  CHECK(reporting_trouble(result.report, "tcp://b:1") ==
        "nothing reported: no broker at tcp://b:1");
}

TEST_CASE("the progress line says when nothing can be reported", "[tools][run_text]") {
  runners::HttpLoadProgress progress;
  progress.elapsed = 2s;
  progress.hits = 4000;
  progress.users = 10;
  progress.p50_us = 1500;
  CHECK(progress_text(progress) ==
        "0:02  4,000 hits  2,000/s  0 failed  no broker yet  10 users  p50 1.50  p95 -  p99 - ms");
  progress.broker_reached = true;
  progress.not_reported = 12;
  CHECK(progress_text(progress).find("  0 failed  12 not reported  10 users") != std::string::npos);
}

}  // namespace
}  // namespace weir::tools
