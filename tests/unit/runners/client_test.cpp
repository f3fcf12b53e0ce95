#include "runners/cpp/client.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/bound_pull.hpp"

namespace weir::runners {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

ClientOptions to(const std::string& endpoint) {
  ClientOptions options;
  options.to = endpoint;
  options.run_id = "r1";
  options.worker_id = "w1";
  options.send_timeout = 100ms;
  return options;
}

// Sets a variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST_CASE("each method of the client is one message of the loads format", "[runners][client]") {
  tests::BoundPull broker;
  Client client{to(broker.endpoint())};
  REQUIRE(client.wait_ready(5s));
  const auto started = schema::parse_time("2026-11-21T20:00:12.5Z").value();
  schema::AddHit hit;
  hit.url = "http://h/";
  hit.method = "GET";
  hit.status = 200;
  hit.started = started;
  hit.elapsed = 12ms;
  client.set_status({10, 2, 1, 1});
  CHECK(client.start_test_run("n", "p", "s", {{"k", "v"}}));
  CHECK(client.start_test("t"));
  CHECK(client.add_hit(hit));
  CHECK(client.add_success("t"));
  CHECK(client.add_failure("t", {"HttpError", "status 500", ""}));
  CHECK(client.add_error("t", {"ValueError", "bad", "line 1"}));
  CHECK(client.socket_open());
  CHECK(client.socket_message(9));
  CHECK(client.socket_close());
  CHECK(client.count("orders", "t"));
  CHECK(client.stop_test("t"));
  CHECK(client.stop_test_run());
  const std::vector<json> messages = broker.receive_until("stopTestRun");

  std::vector<std::string> types;
  std::uint64_t seq = 0;
  for (const json& message : messages) {
    types.push_back(message.at("data_type"));
    CHECK(message.at("worker_id") == "w1");
    CHECK(message.at("run_id") == "r1");
    CHECK(message.at("seq") == ++seq);
    CHECK(message.at("epoch") == messages.front().at("epoch"));
    CHECK(message.contains("time") == (types.back() != "add_hit"));
    CHECK(message.at("loads_status") == json::array({10, 2, 1, 1}));
  }
  CHECK(types == std::vector<std::string>{"startTestRun", "startTest", "add_hit", "addSuccess",
                                          "addFailure", "addError", "socket_open", "socket_message",
                                          "socket_close", "orders", "stopTest", "stopTestRun"});
  CHECK(messages[0].at("tags") == json{{"k", "v"}});
  CHECK(messages[2].at("started") == "2026-11-21T20:00:12.500000Z");
  CHECK(messages[2].at("elapsed") == 0.012);
  CHECK(messages[4].at("exc_info") == json::array({"HttpError", "status 500", ""}));
  CHECK(messages[7].at("size") == 9);
  const Report report = client.close();
  CHECK(report.sent == 12);
  CHECK(report.not_sent == 0);
  CHECK(report.flush.complete);
}

TEST_CASE("messages that were not sent are counted and leave a gap in seq", "[runners][client]") {
  tests::BoundPull broker;
  Client client{to(broker.endpoint())};
  REQUIRE(client.wait_ready(5s));
  client.start_test("a");
  client.skip(3);
  client.stop_test("a");
  CHECK(json::parse(*broker.receive()).at("seq") == 1);
  CHECK(json::parse(*broker.receive()).at("seq") == 5);
  CHECK(client.close().not_sent == 3);
}

TEST_CASE("without a broker nothing is sent, and all of it counted", "[runners][client]") {
  tests::DeadEndpoint nobody;
  Client client{to(nobody.endpoint())};
  CHECK_FALSE(client.start_test_run());
  CHECK_FALSE(client.send("{}"));
  const Report report = client.close();
  CHECK(report.sent == 0);
  CHECK(report.not_sent == 2);
  CHECK_FALSE(client.stop_test_run());
}

TEST_CASE("raw text goes out as it is and takes no seq", "[runners][client]") {
  tests::BoundPull broker;
  Client client{to(broker.endpoint())};
  REQUIRE(client.wait_ready(5s));
  client.send("not even JSON");
  client.start_test("a");
  CHECK(broker.receive() == "not even JSON");
  CHECK(json::parse(*broker.receive()).at("seq") == 1);
}

TEST_CASE("a hit that does not say when it started gets the time of its end", "[runners][client]") {
  tests::BoundPull broker;
  Client client{to(broker.endpoint())};
  REQUIRE(client.wait_ready(5s));
  client.add_hit(schema::AddHit{});
  CHECK(json::parse(*broker.receive()).contains("time"));
}

TEST_CASE("what is not given comes from loads' environment", "[runners][client]") {
  const Variable receiver{"LOADS_ZMQ_RECEIVER", "tcp://127.0.0.1:1234"};
  const Variable run{"LOADS_RUN_ID", "from-env"};
  const Variable agent{"LOADS_AGENT_ID", "agent-7"};
  CHECK(complete({}).to == "tcp://127.0.0.1:1234");
  CHECK(complete({}).run_id == "from-env");
  CHECK(complete({}).worker_id == "agent-7");
  CHECK(complete(to("tcp://127.0.0.1:99")).to == "tcp://127.0.0.1:99");
  CHECK(complete(to("x")).run_id == "r1");
}

TEST_CASE("without environment the client has working defaults", "[runners][client]") {
  const Variable run{"LOADS_RUN_ID", ""};  // loads.js exports empty ones
  const ClientOptions options = complete({});
  CHECK(options.to == "tcp://127.0.0.1:7071");
  CHECK(options.run_id.empty());
  CHECK(options.worker_id.find('-') != std::string::npos);
}

TEST_CASE("ids that no broker would take are refused at once", "[runners][client]") {
  for (const std::string& bad : {std::string{"a/b"}, std::string{"a\nb"}, std::string(129, 'x')}) {
    ClientOptions options = to("tcp://127.0.0.1:1");
    options.run_id = bad;
    CHECK_THROWS_AS(complete(options), std::invalid_argument);
    options = to("tcp://127.0.0.1:1");
    options.worker_id = bad;
    CHECK_THROWS_AS(complete(options), std::invalid_argument);
  }
  ClientOptions options = to("tcp://127.0.0.1:1");
  options.linger = 0ms;
  CHECK_THROWS_AS(complete(options), std::invalid_argument);
}

}  // namespace
}  // namespace weir::runners
