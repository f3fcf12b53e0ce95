#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/loads_decode.hpp"
#include "tests/support/loads_messages.hpp"

using namespace weir::schema;
using weir::tests::Decoded;

namespace {

struct Sample {
  std::string client;
  std::string raw;
};

std::vector<Sample> samples() {
  std::ifstream file(WEIR_SOURCE_DIR "/tests/contract/loads-samples.jsonl");
  std::vector<Sample> found;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    found.push_back({json["client"], json["raw"]});
  }
  return found;
}

}  // namespace

TEST_CASE("every frame captured from loads decodes, with the right totals by type",
          "[schema][loads_decode]") {
  const auto captured = samples();
  REQUIRE(captured.size() == 34);
  std::map<std::string, int> totals;
  LoadsDecoder decoder;
  for (const Sample& sample : captured) {
    INFO(sample.raw);
    const Decoded decoded(decoder, sample.raw);
    CHECK(decoded.refused.empty());
    CHECK(decoded.counts.repaired == 0);
    for (const Message& message : decoded.messages) ++totals[std::string(data_type(message.body))];
  }
  const std::map<std::string, int> expected = {
      {"add_hit", 21},     {"startTest", 13},     {"stopTest", 9},    {"addSuccess", 7},
      {"startTestRun", 6}, {"stopTestRun", 4},    {"addFailure", 3},  {"widgets-bought", 3},
      {"addError", 1},     {"socket_message", 1}, {"socket_open", 1}, {"socket_close", 1}};
  CHECK(totals == expected);
}

TEST_CASE("every captured exception is read class first", "[schema][loads_decode]") {
  std::vector<std::pair<std::string, std::string>> found;
  for (const Sample& sample : samples()) {
    const Decoded decoded(sample.raw);
    for (const Message& message : decoded.messages) {
      if (const auto* failure = std::get_if<AddFailure>(&message.body)) {
        found.emplace_back(failure->exception.class_name, failure->exception.message);
      }
      if (const auto* error = std::get_if<AddError>(&message.body)) {
        found.emplace_back(error->exception.class_name, error->exception.message);
      }
    }
  }
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"AssertionError", "500 != 200"},
      {"AssertionError", "500 != 200"},
      {"ValueError", "caf\xC3\xA9 broke"},
      {"AssertionError", "500 != 200"}};
  CHECK(found == expected);
}

TEST_CASE("each captured generation gives its worker, run and status", "[schema][loads_decode]") {
  struct Expected {
    std::string worker, run;
    LoadsStatus status;
  };
  const std::string run_1 = "6f1c2d1e-0000-4000-8000-000000000001";
  const std::string run_3 = "6f1c2d1e-0000-4000-8000-000000000003";
  // The first startTest of each client; the batched one says nothing of its own but the status.
  const std::map<std::string, Expected> expected = {
      {"loads-0.1-python", {"30996", "", {1, 1, 1, 0}}},
      {"loads-0.2-python-external", {"agenthost-77", run_3, {2, 3, 1, 1}}},
      {"loads-0.3.1-python", {"agenthost-31216", run_1, {1, 1, 1, 0}}},
      {"loads-0.3.1-python-batched", {"agenthost-31403", run_1, {2, 2, 1, 0}}},
      {"loads.js-final", {"agenthost-77", run_3, {1, 3, 1, 2}}},
      {"loads.js-2013-09-26", {"agenthost-77", run_3, {1, 1, 3, 2}}},
      {"mocha-loads-2013-07", {"4242", "", {2, 3, 1, 1}}}};
  std::map<std::string, bool> seen;
  for (const Sample& sample : samples()) {
    const Decoded decoded(sample.raw);
    for (const Message& message : decoded.messages) {
      if (!std::holds_alternative<StartTest>(message.body) || seen[sample.client]) continue;
      seen[sample.client] = true;
      INFO(sample.client);
      const Expected& want = expected.at(sample.client);
      CHECK(message.envelope.worker_id == want.worker);
      CHECK(message.envelope.run_id == want.run);
      CHECK(message.envelope.status == want.status);
      CHECK(message.envelope.batched == (sample.client == "loads-0.3.1-python-batched"));
    }
  }
  CHECK(seen.size() == expected.size());
}
