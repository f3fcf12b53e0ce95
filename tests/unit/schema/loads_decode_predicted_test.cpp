#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/loads_decode.hpp"
#include "tests/support/loads_messages.hpp"
#include "tests/support/loads_transcript.hpp"

using namespace weir::schema;
using weir::tests::Decoded;
using weir::tests::Transcript;

namespace {

// Two decoders that get the same frames, one of them without prediction.
class Pair {
 public:
  // Whether both say the same of the frame; what they say is in `last`.
  bool agree_on(const std::string& frame) {
    const std::string predicted = transcript_.of(predicting_, frame);
    last = Decoded(parsing_, frame);
    return predicted == transcript_.of(parsing_, frame);
  }
  // Both know the shapes of the frame afterwards.
  void learn(const std::string& frame) {
    for (int i = 0; i < 3; ++i) REQUIRE(agree_on(frame));
    REQUIRE(last.refused.empty());
  }

  Decoded last{"{}"};

 private:
  Transcript transcript_;
  LoadsDecoder predicting_;
  LoadsDecoder parsing_{{}, Prediction::off};
};

std::string event(const std::string& elapsed = "0.5", const std::string& url = "/") {
  return R"({"url": ")" + url + R"(", "method": "GET", "status": 200, "elapsed": )" + elapsed + "}";
}

std::string hit(const std::string& elapsed = "0.5", const std::string& url = "/") {
  return R"({"data_type": "add_hit", )" + event(elapsed, url).substr(1);
}

std::string batch(const std::vector<std::string>& hits, const std::string& more = "") {
  std::string text = R"({"data_type": "batch", "run_id": "r", "counts": {"add_hit": [)";
  for (std::size_t i = 0; i < hits.size(); ++i) text += (i > 0 ? ", " : "") + hits[i];
  return text + "]" + more + "}}";
}

}  // namespace

TEST_CASE("a batch of known shapes is delivered in the order of its phases",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  const std::string more = R"(, "stopTest": [{"test": "a"}, {"test": "b"}], "addSuccess": [)"
                           R"({"test": "a"}], "startTest": [{"test": "a"}], "addFailure": [])";
  pair.learn(batch({event(), event("1")}, more));
  REQUIRE(pair.agree_on(batch({event("2"), event("3")}, more)));
  REQUIRE(pair.last.messages.size() == 6);
  CHECK(pair.last.messages[0].body == Body(StartTest{"a"}));
  CHECK(pair.last.messages[3].body == Body(AddSuccess{"a"}));
  CHECK(pair.last.messages[5].body == Body(StopTest{"b"}));
}

TEST_CASE("events of a known shape inherit from a batch whose envelope comes after them",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  const std::string text =
      R"({"counts": {"socket_open": [{}, {"worker_id": "own"}]}, "seq": "x", )"
      R"("time": "2026-11-21T20:00:12Z", "agent_id": 7, "data_type": "batch"})";
  pair.learn(text);
  REQUIRE(pair.last.messages.size() == 2);
  CHECK(pair.last.messages[0].envelope.worker_id == "7");
  CHECK(pair.last.messages[1].envelope.worker_id == "own");
  CHECK(pair.last.messages[1].envelope.time);
}

TEST_CASE("nothing of a batch is delivered if its end is not JSON",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  const std::string good = batch({event(), event()});
  pair.learn(good);
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    CHECK(pair.agree_on(good.substr(0, cut)));
    CHECK(pair.last.messages.empty());
  }
  for (const char* end : {"}", ",", "]", "x", "{}", " {}", "\\", "\xFF"}) {
    CAPTURE(end);
    CHECK(pair.agree_on(good + end));
    CHECK(pair.last.messages.empty());
  }
}

TEST_CASE("an odd event in a batch of known shapes costs itself and is repaired as ever",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  pair.learn(batch({event(), event()}));
  for (const char* elapsed :
       {"NaN", "-1", "1e400", "\"x\"", "null", "{}", "0.5, \"status\": 1000"}) {
    CAPTURE(elapsed);
    CHECK(pair.agree_on(batch({event(), event(elapsed), event()})));
  }
  CHECK(pair.agree_on(batch({event(), event("NaN"), event()})));
  CHECK(pair.last.messages.size() == 2);
  CHECK(pair.agree_on(batch({event(), event("0.5", "/\xFF"), event()})));
  CHECK(pair.last.messages.empty());
}

TEST_CASE("of two groups of one name in a batch the last counts",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  pair.learn(batch({event()}, R"(, "stopTest": [{"test": "t"}])"));
  CHECK(pair.agree_on(batch({event("1")}, R"(, "add_hit": [)" + event("2") + "]")));
  CHECK(pair.last.messages.size() == 1);
}

TEST_CASE("a batch or an array of more events than are read ahead is decoded all the same",
          "[schema][loads_decode_predicted]") {
  for (std::size_t size : {1'023U, 1'024U, 1'025U, 3'000U}) {
    Pair pair;
    pair.learn(batch({event()}));
    CHECK(pair.agree_on(batch(std::vector<std::string>(size, event("1")))));
    CHECK(pair.last.messages.size() == size);
  }
}

TEST_CASE("a bad element costs an array of known shapes no more than itself",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  pair.learn("[" + hit() + ", " + hit("1") + "]");
  for (const std::string& bad : {std::string("1"), std::string("{"), std::string("nul"), hit("NaN"),
                                 hit("0x1"), hit("0.5", "/\\u"), std::string()}) {
    CAPTURE(bad);
    CHECK(pair.agree_on("[" + hit("2") + ", " + bad + ", " + hit("3") + "]"));
    CHECK(pair.agree_on("[" + hit("2") + "," + bad + "]"));
    CHECK(pair.agree_on("[" + bad + "]"));
  }
  CHECK(pair.agree_on("[]"));
  CHECK(pair.agree_on("[" + hit() + "]]"));
  CHECK(pair.agree_on("[" + hit() + "],"));
}

TEST_CASE("lines of known shapes, of others and bad ones keep their order",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  pair.learn(hit());
  for (const std::string& odd :
       {hit("1e-3"), hit("\"1\""), std::string("garbage"), std::string(),
        std::string("[" + hit("7") + ",1]"), batch({event("8")}), hit("0.5", "\\u00e9"),
        std::string("{\"data_type\":\"socket_open\"}")}) {
    CAPTURE(odd);
    CHECK(pair.agree_on(hit("1") + "\n" + odd + "\n" + hit("2") + "\r\n\n  " + hit("3")));
    CHECK(pair.last.messages.size() >= 3);
    CHECK(pair.agree_on(odd + "\n" + hit("2")));
    CHECK(pair.agree_on(hit("2") + "\n" + odd));
  }
}

TEST_CASE("a pretty-printed object or batch of a known shape is one document",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  std::string pretty = batch({event(), event()});
  for (std::size_t at = pretty.find(", "); at != std::string::npos;
       at = pretty.find(", ", at + 2)) {
    pretty.replace(at, 2, ",\n");
  }
  pair.learn(pretty);
  CHECK(pair.last.messages.size() == 2);
  pair.learn("{\n\"data_type\":\n\"socket_open\"\n}");
  CHECK(pair.last.messages.size() == 1);
}

TEST_CASE("clients of many kinds in turn are each decoded as by themselves",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  std::vector<std::string> clients = {
      hit(),
      hit().replace(1, 0, " "),
      R"({"data_type":"addHit","label":"l","success":true,"elapsed":2})",
      R"({"data_type":"startTest","test":"t"})",
      R"({"data_type":"stopTest","test_name":"t"})",
      R"({"data_type":"widgets","test":"t"})",
      R"({"data_type":"gadgets","test":"t"})",
      R"({"data_type":"socket_message","size":9})",
      R"({"data_type":"addError","test":"t","exc":"x"})"};
  for (int turn = 0; turn < 50; ++turn) {
    for (const std::string& client : clients) REQUIRE(pair.agree_on(client));
    std::rotate(clients.begin(), clients.begin() + turn % 5, clients.end());
  }
}

TEST_CASE("seconds are rounded to microseconds the same with any number of digits",
          "[schema][loads_decode_predicted]") {
  Pair pair;
  pair.learn(hit());
  for (const char* elapsed : {"0",
                              "1",
                              "999999999",
                              "1000000000",
                              "1000000001",
                              "0.000001",
                              "0.0000005",
                              "0.00000049999",
                              "0.00000050001",
                              "1.0000005",
                              "1.00000051",
                              "999999.9999995",
                              "999999999.9999999",
                              "1000000000.0000001",
                              "0.012345678901234567",
                              "12.345678901234567",
                              "123456.12345650001",
                              "1234567.1234567",
                              "0.00000000000000000000001",
                              "0.1234567890123456789012345",
                              "0.000000000000000000000000000001",
                              "86400.000000499999999",
                              "0.0000000000000000009999999"}) {
    CAPTURE(elapsed);
    CHECK(pair.agree_on(hit(elapsed)));
  }
}

TEST_CASE("a limit of depth is kept for objects of known shapes",
          "[schema][loads_decode_predicted]") {
  for (std::size_t depth : {1U, 2U, 3U, 4U, 5U}) {
    DecodeLimits limits;
    limits.depth = depth;
    LoadsDecoder predicting(limits);
    LoadsDecoder parsing(limits, Prediction::off);
    Transcript transcript;
    const std::string frame =
        batch({R"({"loads_status": [1], "label": "l", "status": 1, "elapsed": 1})"});
    for (int i = 0; i < 3; ++i) {
      const std::string predicted = transcript.of(predicting, frame);
      CHECK(predicted == transcript.of(parsing, frame));
    }
  }
}
