#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/loads_decode.hpp"
#include "tests/support/loads_messages.hpp"

using namespace weir::schema;
using weir::tests::Decoded;

namespace {

std::vector<std::string> types(const Decoded& decoded) {
  std::vector<std::string> found;
  for (const Message& message : decoded.messages) found.emplace_back(data_type(message.body));
  return found;
}

std::string batch(const std::string& counts, const std::string& envelope = "") {
  return R"({"data_type":"batch",)" + envelope + R"("counts":{)" + counts + "}}";
}

const std::string kHit = R"({"url":"u","method":"GET","status":200,"elapsed":0.1})";

}  // namespace

TEST_CASE("a batch applies starts, events, outcomes and stops in that order",
          "[schema][loads_decode]") {
  const Decoded decoded(batch(
      R"("stopTestRun":[{}],"stopTest":[{"test":"t"}],"addError":[{"test":"t"}],)"
      R"("addSuccess":[{"test":"t"}],"widgets":[{"test":"t"}],"socket_close":[{}],"add_hit":[)" +
      kHit + R"(],"addFailure":[{"test":"t"}],"startTest":[{"test":"t"}],"startTestRun":[{}])"));
  CHECK(decoded.refused.empty());
  CHECK(types(decoded) == std::vector<std::string>{
                              "startTestRun", "startTest", "widgets", "socket_close", "add_hit",
                              "addError", "addSuccess", "addFailure", "stopTest", "stopTestRun"});
  for (const Message& message : decoded.messages) CHECK(message.envelope.batched);
}

TEST_CASE("a batch keeps the order of events of one type", "[schema][loads_decode]") {
  const Decoded decoded(batch(R"("startTest":[{"test":"c"},{"test":"a"},{"test":"b"}])"));
  REQUIRE(decoded.messages.size() == 3);
  CHECK(std::get<StartTest>(decoded.messages[0].body).test == "c");
  CHECK(std::get<StartTest>(decoded.messages[1].body).test == "a");
  CHECK(std::get<StartTest>(decoded.messages[2].body).test == "b");
}

TEST_CASE("an event in a batch takes from the batch what it does not say itself",
          "[schema][loads_decode]") {
  const Decoded decoded(batch(
      R"("socket_open":[{},{"agent_id":"None","run_id":null},)"
      R"({"worker_id":7,"run_id":"inner","loads_status":[1],"time":"2026-01-01T00:00:00Z"}])",
      R"("agent_id":42,"run_id":"outer","loads_status":[9,9,9,9],"time":"2026-01-02T00:00:00Z",)"));
  REQUIRE(decoded.messages.size() == 3);
  for (std::size_t i : {0U, 1U}) {
    const Envelope& envelope = decoded.messages[i].envelope;
    CHECK(envelope.worker_id == "42");
    CHECK(envelope.run_id == "outer");
    CHECK(envelope.status == LoadsStatus{9, 9, 9, 9});
    CHECK(format_time(envelope.time.value()) == "2026-01-02T00:00:00.000000Z");
  }
  const Envelope& inner = decoded.messages[2].envelope;
  CHECK(inner.worker_id == "7");
  CHECK(inner.run_id == "inner");
  CHECK(inner.status == LoadsStatus{1, {}, {}, {}});
  CHECK(format_time(inner.time.value()) == "2026-01-01T00:00:00.000000Z");
}

TEST_CASE("a hit that says when it started takes no time from its batch",
          "[schema][loads_decode]") {
  const std::string started =
      kHit.substr(0, kHit.size() - 1) + R"(,"started":"2026-01-01T00:00:00Z"})";
  const Decoded decoded(
      batch(R"("add_hit":[)" + started + "," + kHit + "]", R"("time":"2026-01-02T00:00:00Z",)"));
  REQUIRE(decoded.messages.size() == 2);
  CHECK_FALSE(decoded.messages[0].envelope.time);
  CHECK(decoded.messages[1].envelope.time);
}

TEST_CASE("seq and epoch of a batch are no event's, an event's own are", "[schema][loads_decode]") {
  const Decoded decoded(
      batch(R"("socket_open":[{},{"seq":3,"epoch":4}])", R"("seq":1,"epoch":2,)"));
  REQUIRE(decoded.messages.size() == 2);
  CHECK(!decoded.messages[0].envelope.seq);
  CHECK(!decoded.messages[0].envelope.epoch);
  CHECK(decoded.messages[1].envelope.seq == 3U);
  CHECK(decoded.messages[1].envelope.epoch == 4U);
}

TEST_CASE("a bad event in a batch costs only itself", "[schema][loads_decode]") {
  const Decoded decoded(batch(R"("add_hit":[)" + kHit + R"(,7,{"url":"u"},)" + kHit +
                              R"(],"startTest":"none","nonsense":[{}],"stopTestRun":[{}])"));
  CHECK(types(decoded) == std::vector<std::string>{"add_hit", "add_hit", "stopTestRun"});
  REQUIRE(decoded.refused.size() == 4);
  CHECK(decoded.refused[0].reason == ErrorCode::bad_type);
  CHECK(decoded.refused[0].detail == "startTest: not a list");
  CHECK(decoded.refused[1].reason == ErrorCode::not_object);
  CHECK(decoded.refused[1].sample == "7");
  CHECK(decoded.refused[2].reason == ErrorCode::missing_field);
  CHECK(decoded.refused[2].sample == R"({"url":"u"})");
  CHECK(decoded.refused[3].reason == ErrorCode::unknown_type);
}

TEST_CASE("of a key given twice in counts the last wins", "[schema][loads_decode]") {
  const Decoded decoded(
      batch(R"("startTest":[{"test":"a"},{"test":"b"}],"startTest":[{"test":"c"}])"));
  REQUIRE(decoded.messages.size() == 1);
  CHECK(std::get<StartTest>(decoded.messages[0].body).test == "c");
}

TEST_CASE("both spellings of a type in one batch count", "[schema][loads_decode]") {
  const Decoded decoded(batch(R"("add_hit":[)" + kHit + R"(],"addHit":[)" + kHit + "]"));
  CHECK(types(decoded) == std::vector<std::string>{"add_hit", "add_hit"});
}

TEST_CASE("a batch has at most 1,000 types", "[schema][loads_decode]") {
  std::string counts;
  for (int i = 0; i < 1'000; ++i)
    counts += (i ? ",\"c" : "\"c") + std::to_string(i) + R"(":[{"test":"t"}])";
  CHECK(Decoded(batch(counts)).messages.size() == 1'000);
  const Decoded over(batch(counts + R"(,"one_more":[{"test":"t"}])"));
  CHECK(over.messages.empty());
  REQUIRE(over.refused.size() == 1);
  CHECK(over.refused[0].reason == ErrorCode::out_of_range);
}

TEST_CASE("a bad envelope costs the whole batch once", "[schema][loads_decode]") {
  const Decoded decoded(batch(R"("socket_open":[{},{},{}])", R"("worker_id":1.5,)"));
  CHECK(decoded.messages.empty());
  REQUIRE(decoded.refused.size() == 1);
  CHECK(decoded.refused[0].reason == ErrorCode::bad_type);
}

TEST_CASE("16 MiB of empty events stream through the visitor", "[schema][loads_decode]") {
  constexpr std::size_t kFrameBytes = std::size_t{16} << 20;
  std::string frame = R"({"data_type":"batch","counts":{"startTestRun":[{})";
  std::size_t events = 1;
  for (; frame.size() + 6 <= kFrameBytes; ++events) frame += ",{}";
  frame += "]}}";
  struct Counter : MessageVisitor {
    void on_message(const Message& message) override {
      runs += std::holds_alternative<StartTestRun>(message.body);
    }
    void on_rejection(const Rejection&) override {}
    std::size_t runs = 0;
  } counter;
  LoadsDecoder decoder;
  const FrameCounts counts = decoder.decode(frame, counter);
  CHECK(counts.rejections == 0);
  CHECK(counts.messages == events);
  CHECK(counter.runs == events);
}
