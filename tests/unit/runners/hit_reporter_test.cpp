#include "runners/cpp/hit_reporter.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runners/cpp/client.hpp"
#include "tests/support/bound_pull.hpp"

namespace weir::runners {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

ClientOptions to(const std::string& endpoint, int high_water = 1000) {
  ClientOptions options;
  options.to = endpoint;
  options.run_id = "r";
  options.worker_id = "w";
  options.high_water = high_water;
  options.linger = 500ms;
  return options;
}

std::unique_ptr<Client> client_to(const std::string& endpoint, int high_water = 1000) {
  return std::make_unique<Client>(to(endpoint, high_water));
}

ReportedRun shop() {
  ReportedRun run;
  run.name = "shop";
  run.tags = {{"branch", "main"}};
  run.url = "http://h/items/1";
  run.method = "GET";
  run.test = "GET /items/1";
  run.hits_wanted = 2;
  return run;
}

HttpHit hit(std::uint64_t number, int status = 200) {
  HttpHit made;
  made.number = number;
  made.user = 1;
  made.users = 3;
  made.started = schema::parse_time("2026-11-21T20:00:00Z").value();
  made.elapsed = 250ms;
  made.status = status;
  made.bytes_sent = 70;
  made.bytes_received = 900;
  return made;
}

TEST_CASE("a hit becomes a test with its own times", "[runners][hit_reporter]") {
  tests::BoundPull broker;
  HitReporter reporter{client_to(broker.endpoint()), shop()};
  HttpHit good = hit(1);
  good.phases.connect = 3ms;
  reporter.add(good);
  HttpHit broken = hit(2, 0);
  broken.error = "Timeout was reached";
  reporter.add(broken);
  reporter.add(hit(3, 503));
  const ReportOutcome outcome = reporter.finish();
  const std::vector<json> messages = broker.receive_until("stopTestRun");
  REQUIRE(messages.size() == 14);
  CHECK(outcome.complete);
  CHECK(outcome.hits_reported == 3);
  CHECK(outcome.messages.sent == 14);

  CHECK(messages[0].at("name") == "shop");
  CHECK(messages[0].at("tags") == json{{"branch", "main"}});
  CHECK(messages[1].at("data_type") == "startTest");
  CHECK(messages[1].at("test") == "GET /items/1");
  CHECK(messages[1].at("time") == "2026-11-21T20:00:00.000000Z");
  CHECK(messages[1].at("loads_status") == json::array({2, 3, 1, 1}));
  CHECK(messages[2].at("url") == "http://h/items/1");
  CHECK(messages[2].at("success") == true);
  CHECK(messages[2].at("connect") == 0.003);
  CHECK(messages[2].at("bytes_sent") == 70);
  CHECK(messages[2].at("bytes_received") == 900);
  CHECK_FALSE(messages[2].contains("tls"));
  CHECK(messages[3].at("data_type") == "addSuccess");
  CHECK(messages[4].at("data_type") == "stopTest");
  CHECK(messages[4].at("time") == "2026-11-21T20:00:00.250000Z");
  CHECK(messages[6].at("status") == 0);
  CHECK(messages[6].at("success") == false);
  CHECK(messages[6].at("error") == "Timeout was reached");
  CHECK(messages[7].at("exc_info") == json::array({"TransportError", "Timeout was reached", ""}));
  CHECK(messages[11].at("exc_info") == json::array({"HttpError", "status 503", ""}));
}

TEST_CASE("hits wait for a broker that comes later", "[runners][hit_reporter]") {
  std::string endpoint;
  {
    tests::BoundPull gone;
    endpoint = gone.endpoint();
  }
  HitReporter reporter{client_to(endpoint), shop()};
  reporter.add(hit(1));
  CHECK_FALSE(reporter.reached());
  tests::BoundPull broker{0, endpoint};
  const std::vector<json> messages = broker.receive_until("stopTest");
  CHECK(messages.size() == 5);
  CHECK(messages.front().at("data_type") == "startTestRun");
  CHECK(reporter.reached());
  CHECK(reporter.finish().complete);
}

TEST_CASE("without a broker the reporter gives up soon and counts every hit",
          "[runners][hit_reporter]") {
  tests::DeadEndpoint nobody;
  HitReporter reporter{client_to(nobody.endpoint()), shop()};
  for (std::uint64_t i = 1; i <= 1000; ++i) reporter.add(hit(i));
  const auto asked = Clock::now();
  const ReportOutcome outcome = reporter.finish();
  CHECK(Clock::now() - asked < HitReporter::kDrain);
  CHECK_FALSE(outcome.complete);
  CHECK(outcome.hits_reported == 0);
  CHECK(outcome.hits_not_reported == 1000);
  CHECK(outcome.messages.sent == 0);
  CHECK(outcome.messages.not_sent == 4002);
  CHECK_FALSE(reporter.reached());
}

// The promise that timings never depend on the broker: adding does not wait, whatever it does.
TEST_CASE("a broker that does not read never makes the load wait", "[runners][hit_reporter]") {
  constexpr std::uint64_t kHits = 50'000;
  tests::BoundPull broker{1};
  HitReporter reporter{client_to(broker.endpoint(), 10), shop(), 1000};
  const auto give_up = Clock::now() + 5s;
  while (!reporter.reached() && Clock::now() < give_up) std::this_thread::yield();
  REQUIRE(reporter.reached());
  Clock::duration longest{0};
  for (std::uint64_t i = 1; i <= kHits; ++i) {
    const auto before = Clock::now();
    reporter.add(hit(i));
    longest = std::max(longest, Clock::now() - before);
  }
  CHECK(longest < 500ms);  // far below any wait for the broker; far above a busy machine
  CHECK(reporter.refused() > 0);
  const ReportOutcome outcome = reporter.finish();
  CHECK_FALSE(outcome.complete);
  CHECK(outcome.hits_reported + outcome.hits_not_reported == kHits);
  CHECK(outcome.hits_not_reported >= reporter.refused());
}

}  // namespace
}  // namespace weir::runners
