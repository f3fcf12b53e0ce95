#include "runners/cpp/acked_client.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runners/cpp/hit_reporter.hpp"
#include "tests/support/bound_pull.hpp"
#include "tests/support/bound_router.hpp"

namespace weir::runners {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using tests::BoundRouter;

AckedOptions to(const std::string& endpoint) {
  AckedOptions options;
  options.to = endpoint;
  options.run_id = "r1";
  options.worker_id = "w1";
  options.batch_time = 20ms;
  return options;
}

// The report of close(), while the broker is played in this thread.
std::future<Report> close_aside(AckedClient& client) {
  return std::async(std::launch::async, [&client] { return client.close(); });
}

// The next batch; the messages before it (hellos are answered) are passed over.
BoundRouter::Heard hear_batch(BoundRouter& broker) {
  for (;;) {
    const std::optional<BoundRouter::Heard> heard = broker.hear();
    if (!heard) throw std::runtime_error("no batch came");
    if (heard->kind == 'H') broker.welcome(json::parse(heard->fields).at("next_seq"));
    if (heard->kind == 'B') return *heard;
  }
}

TEST_CASE("messages come in a batch, one a line, without seq and epoch of their own",
          "[runners][acked_client]") {
  BoundRouter broker;
  AckedClient client{to(broker.endpoint())};
  CHECK(client.start_test("a"));
  CHECK(client.send(R"({"raw":1})"));
  CHECK(client.stop_test("a"));
  const auto hello = broker.hear();
  REQUIRE(hello);
  CHECK(hello->kind == 'H');
  CHECK(json::parse(hello->fields).at("worker_id") == "w1");
  CHECK(json::parse(hello->fields).at("run_id") == "r1");
  broker.welcome(1);
  const BoundRouter::Heard batch = hear_batch(broker);
  CHECK(batch.seq == 1);
  CHECK(batch.fields[8] == 0);
  const std::size_t first_end = batch.payload.find('\n');
  const json first = json::parse(batch.payload.substr(0, first_end));
  CHECK(first.at("data_type") == "startTest");
  CHECK(first.at("worker_id") == "w1");
  CHECK(first.at("run_id") == "r1");
  CHECK(first.contains("time"));
  CHECK_FALSE(first.contains("seq"));
  CHECK_FALSE(first.contains("epoch"));
  CHECK(batch.payload.substr(first_end + 1).starts_with("{\"raw\":1}\n{"));
  auto closing = close_aside(client);
  broker.acknowledge(2);
  const Report report = closing.get();
  CHECK(report.complete());
  CHECK(report.sent == 3);
  CHECK(report.acked->acknowledged == 3);
  const auto end = broker.hear();
  REQUIRE(end);
  CHECK(end->kind == 'E');
  CHECK(end->seq == 1);
}

TEST_CASE("a batch is full by messages, by bytes, or by a text of several lines",
          "[runners][acked_client]") {
  BoundRouter broker;
  AckedOptions options = to(broker.endpoint());
  options.batch_messages = 2;
  options.batch_bytes = 100;
  options.batch_time = 1h;
  AckedClient client{options};
  client.send("1");
  client.send("2");
  CHECK(hear_batch(broker).payload == "1\n2");
  const std::string long_text(99, 'x');
  client.send("3");
  client.send(long_text);
  CHECK(hear_batch(broker).payload == "3");
  CHECK(hear_batch(broker).payload == long_text);
  client.send("4");
  client.send("5\n6");
  CHECK(hear_batch(broker).payload == "4");
  CHECK(hear_batch(broker).payload == "5\n6");
  auto closing = close_aside(client);
  broker.acknowledge(6);
  CHECK(closing.get().acked->acknowledged == 6);
}

TEST_CASE("a broker that dies and comes back gets what it had not acknowledged",
          "[runners][acked_client]") {
  std::string endpoint;
  std::optional<BoundRouter> broker{std::in_place};
  endpoint = broker->endpoint();
  AckedOptions options = to(endpoint);
  options.batch_messages = 1;
  AckedClient client{options};
  client.send("1");
  client.send("2");
  CHECK(hear_batch(*broker).payload == "1");
  CHECK(hear_batch(*broker).payload == "2");
  broker->acknowledge(2);
  broker.reset();
  client.send("3");
  broker.emplace(endpoint);
  std::string again;
  for (std::uint64_t seq = 0; seq < 3;) {
    // What was on its way before the hello came without one.
    const auto heard = broker->hear();
    REQUIRE(heard);
    if (heard->kind == 'B' && again.empty() && heard->seq == 3) {
      broker->refuse(heard->seq, "out_of_order");
      continue;
    }
    if (heard->kind == 'H') broker->welcome(2);
    if (heard->kind == 'B') {
      again += heard->payload;
      seq = heard->seq;
    }
  }
  CHECK(again == "23");
  auto closing = close_aside(client);
  broker->acknowledge(4);
  CHECK(closing.get().acked->acknowledged == 3);
}

TEST_CASE("close() says what a broker refused, denied, or did not answer",
          "[runners][acked_client]") {
  BoundRouter broker;
  AckedOptions options = to(broker.endpoint());
  options.batch_messages = 1;
  options.linger = 300ms;
  AckedClient client{options};
  client.send("1");
  client.send("2");
  hear_batch(broker);
  hear_batch(broker);
  broker.refuse(1, "malformed");
  broker.acknowledge(2);
  const Report report = client.close();
  CHECK_FALSE(report.complete());
  CHECK(report.acked->refused == 1);
  CHECK(report.acked->unacknowledged == 1);
  CHECK_FALSE(client.send("3"));
  CHECK(client.close().not_sent == 1);

  options.linger = 1h;
  AckedClient denied{options};
  CHECK(denied.send("1"));
  for (auto heard = broker.hear(); heard && heard->kind != 'H'; heard = broker.hear()) {
  }
  broker.refuse(0, "denied");
  CHECK(denied.close().acked->failure == "denied: by the test");
}

TEST_CASE("a full buffer costs one wait, and what it had no room for is counted",
          "[runners][acked_client]") {
  tests::DeadEndpoint nobody;
  AckedOptions options = to(nobody.endpoint());
  options.max_unacked_bytes = 1000;
  options.send_timeout = 100ms;
  options.linger = 1ms;
  AckedClient client{options};
  const std::string text(99, 'x');
  const auto begin = std::chrono::steady_clock::now();
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += client.send(text) ? 1 : 0;
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= 100ms);
  CHECK(took < 5s);
  CHECK(taken == 9);  // nine lines of 100 bytes and their headers
  CHECK_FALSE(client.send(std::string(2000, 'x')));
  const Report report = client.close();
  CHECK(report.sent == 9);
  CHECK(report.not_sent == 92);
  CHECK(report.acked->unacknowledged == 9);
}

TEST_CASE("hits are reported with acknowledgement too", "[runners][acked_client]") {
  BoundRouter broker;
  ReportedRun run;
  run.url = "http://h/";
  run.method = "GET";
  run.test = "GET /";
  HitReporter reporter{std::make_unique<AckedClient>(to(broker.endpoint())), run};
  HttpHit hit;
  hit.status = 200;
  reporter.add(hit);
  auto finishing = std::async(std::launch::async, [&] { return reporter.finish(); });
  std::string lines;
  while (lines.find("stopTestRun") == std::string::npos) {
    const BoundRouter::Heard batch = hear_batch(broker);
    lines += batch.payload + '\n';
    broker.acknowledge(batch.seq + 1);
  }
  const ReportOutcome outcome = finishing.get();
  CHECK(outcome.complete);
  CHECK(outcome.hits_reported == 1);
  CHECK(outcome.messages.acked->acknowledged == 6);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 6);
}

TEST_CASE("what cannot work is refused at once", "[runners][acked_client]") {
  CHECK_THROWS_AS(AckedClient{to("7072")}, std::runtime_error);
  AckedOptions options = to("tcp://127.0.0.1:1");
  options.worker_id = "a/b";
  CHECK_THROWS_AS(AckedClient{options}, std::invalid_argument);
  options = to("tcp://127.0.0.1:1");
  options.batch_messages = 0;
  CHECK_THROWS_AS(AckedClient{options}, std::invalid_argument);
}

TEST_CASE("the acked endpoint has an environment and a default of its own, and so has the token",
          "[runners][acked_client]") {
  CHECK(complete(AckedOptions{}).to == "tcp://127.0.0.1:7072");
  setenv("WEIR_ACKED", "tcp://127.0.0.1:99", 1);
  CHECK(complete(AckedOptions{}).to == "tcp://127.0.0.1:99");
  CHECK(complete(to("tcp://127.0.0.1:98")).to == "tcp://127.0.0.1:98");
  unsetenv("WEIR_ACKED");
  CHECK(complete(AckedOptions{}).token.empty());
  setenv("WEIR_TOKEN", "secret", 1);
  CHECK(complete(AckedOptions{}).token == "secret");
  unsetenv("WEIR_TOKEN");
}

}  // namespace
}  // namespace weir::runners
