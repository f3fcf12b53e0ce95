#include "schema/loads_decode.hpp"

#include <deque>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/loads_messages.hpp"

using namespace weir::schema;
using namespace std::chrono_literals;
using weir::tests::Decoded;

namespace {

// A hit with these fields added; a key given here wins over the usual one.
std::string hit(const std::string& fields) {
  return R"({"data_type":"add_hit","worker_id":"1","url":"http://h/","method":"GET",)"
         R"("status":200,"elapsed":0.5)" +
         (fields.empty() ? "" : "," + fields) + "}";
}

// The one message of a frame.
template <class Body>
struct Single {
  explicit Single(const std::string& text) : decoded(text) {
    INFO(text);
    REQUIRE(decoded.refused.empty());
    REQUIRE(decoded.messages.size() == 1);
    envelope = decoded.messages[0].envelope;
    body = std::get<Body>(decoded.messages[0].body);
  }
  Decoded decoded;
  Envelope envelope;
  Body body;
};

// The same, kept until the program ends, so that its texts can be looked at anywhere.
template <class Body>
const Single<Body>& single(const std::string& text) {
  static std::deque<Single<Body>> kept;
  return kept.emplace_back(text);
}

const AddHit& decode_hit(const std::string& fields) { return single<AddHit>(hit(fields)).body; }
const Envelope& envelope_of(const std::string& fields) {
  return single<AddHit>(hit(fields)).envelope;
}

std::string reason(const std::string& text) {
  const Decoded decoded(text);
  if (decoded.refused.size() != 1 || !decoded.messages.empty()) return "not refused once";
  return std::string(to_string(decoded.refused[0].reason)) + " " + decoded.refused[0].detail;
}

Exception exception_of(const std::string& json) {
  return single<AddError>(R"({"data_type":"addError","test":"t","exc_info":)" + json + "}")
      .body.exception;
}

LoadsStatus status_of(const std::string& json) {
  return envelope_of(R"("loads_status":)" + json).status;
}

}  // namespace

TEST_CASE("a hit as loads sends it decodes to these values", "[schema][loads_decode]") {
  const Single<AddHit> hit(
      R"({"status": 404, "loads_status": [1, 2, 3, 0], "data_type": "add_hit",)"
      R"( "started": "2026-11-21T20:29:56.840251", "elapsed": 0.043244,)"
      R"( "url": "http://127.0.0.1:18080/missing", "worker_id": 30996, "method": "GET"})");
  CHECK(hit.envelope.worker_id == "30996");
  CHECK(hit.envelope.run_id.empty());
  CHECK(hit.envelope.status == LoadsStatus{1, 2, 3, 0});
  CHECK(!hit.envelope.batched);
  CHECK(hit.body.url == "http://127.0.0.1:18080/missing");
  CHECK(hit.body.method == "GET");
  CHECK(hit.body.status == 404);
  CHECK(hit.body.elapsed == 43'244us);
  CHECK(format_time(hit.body.started.value()) == "2026-11-21T20:29:56.840251Z");
  CHECK(!hit.body.success);
}

TEST_CASE("the last of duplicate keys wins", "[schema][loads_decode]") {
  CHECK(decode_hit(R"("status":500,"status":404)").status == 404);
  CHECK(decode_hit(R"("\u0073tatus":404)").status == 404);
  CHECK(decode_hit(R"("status":"rubbish","status":404)").status == 404);
  CHECK(reason(hit(R"("status":404,"status":"rubbish")")) == "bad_type status: not a whole number");
  CHECK(decode_hit(R"("error":"x","error":null)").error.empty());
  const Single<StartTestRun> run(R"({"data_type":"startTestRun","tags":{"a":"1","b":"2","a":"3"},)"
                                 R"("thresholds":{"m":["x<1","x<2"],"n":["y<1"],"m":["z<1"]}})");
  CHECK(run.body.tags == std::vector<Tag>{{"b", "2"}, {"a", "3"}});
  REQUIRE(run.body.thresholds.size() == 2);
  CHECK(run.body.thresholds[0].expression == "y<1");
  CHECK(run.body.thresholds[1].expression == "z<1");
  CHECK(exception_of(R"({"message":"a","message":"b"})").message == "b");
}

TEST_CASE("NaN and Infinity are read as null and counted", "[schema][loads_decode]") {
  for (const char* word : {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "-NaN"}) {
    INFO(word);
    const Single<AddHit> decoded(hit(std::string("\"dns\":") + word));
    CHECK(!decoded.body.dns);
    CHECK(decoded.decoded.counts.repaired == 1);
  }
  const Single<AddHit> three(hit(R"("a":[NaN,NaN],"b":{"c":-Infinity},"error":"NaN, \"Infinity")"));
  CHECK(three.decoded.counts.repaired == 3);
  CHECK(three.body.error == "NaN, \"Infinity");
  CHECK(reason(hit(R"("elapsed":NaN)")) == "missing_field elapsed: not given");
  CHECK(reason(hit(R"("x":NaNa)")).starts_with("not_json"));
  CHECK(reason(hit(R"("x":Infinity5)")).starts_with("not_json"));
  CHECK(reason(hit(R"("x":"NaN)")).starts_with("not_json"));
}

TEST_CASE("what is repaired in one line of many is counted once", "[schema][loads_decode]") {
  const std::string line = hit(R"("dns":NaN)");
  CHECK(Decoded(line + "\n" + line + "\n" + hit("")).counts.repaired == 2);
  CHECK(Decoded("[" + line + "," + line + ",{]").counts.repaired == 0);
  CHECK(Decoded("[" + line + "," + line + ",{}x]").counts.repaired == 2);
}

TEST_CASE("numbers too large for JSON readers are out of range, and harmless where ignored",
          "[schema][loads_decode]") {
  const std::string two_to_70 = "1180591620717411303424";
  for (const std::string& number : {std::string("1e400"), std::string("-1e400"), two_to_70,
                                    "-" + two_to_70, std::string("18446744073709551616"),
                                    std::string("-9223372036854775809"), std::string(400, '9')}) {
    INFO(number);
    CHECK(reason(hit("\"elapsed\":" + number)) == "out_of_range elapsed: out of range");
    CHECK(reason(hit("\"status\":" + number)) == "out_of_range status: out of range");
    CHECK(reason(hit("\"seq\":" + number)) == "out_of_range seq: out of range");
    CHECK(reason(hit("\"worker_id\":" + number)) == "out_of_range worker_id: not a valid id");
    CHECK(decode_hit("\"extra\":" + number).status == 200);
    CHECK(Decoded(hit("\"extra\":" + number)).counts.repaired == 0);
  }
  // Refused together with something repairable: small numbers stay what they are.
  CHECK(decode_hit("\"extra\":1e400,\"dns\":1e-400").dns == 0us);
  CHECK(decode_hit("\"extra\":1e400,\"dns\":0." + std::string(400, '0') + "1").dns == 0us);
  CHECK(decode_hit("\"extra\":1e400,\"dns\":2.5e-1").dns == 250'000us);
}

TEST_CASE("a half surrogate pair is read as U+FFFD", "[schema][loads_decode]") {
  CHECK(decode_hit(R"("error":"a\udc80b")").error ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(decode_hit(R"("error":"\ud83d")").error == "\xEF\xBF\xBD");
  CHECK(decode_hit(R"("error":"\ud83dA")").error ==
        "\xEF\xBF\xBD"
        "A");
  CHECK(decode_hit(R"("error":"\ud83d\u0041")").error ==
        "\xEF\xBF\xBD"
        "A");
  CHECK(decode_hit(R"("error":"\\udc80 \ud83d\ude00 \ude00")").error ==
        "\\udc80 \xF0\x9F\x98\x80 \xEF\xBF\xBD");
}

TEST_CASE("an id is a text or an integer", "[schema][loads_decode]") {
  const std::map<std::string, std::string> ids = {{R"("7")", "7"},
                                                  {"7", "7"},
                                                  {"-7", "-7"},
                                                  {"18446744073709551615", "18446744073709551615"},
                                                  {R"("")", ""},
                                                  {R"("None")", ""},
                                                  {"null", ""},
                                                  {"0", "0"},
                                                  {"-9223372036854775808", "-9223372036854775808"}};
  for (const auto& [json, id] : ids) {
    INFO(json);
    CHECK(envelope_of("\"run_id\":" + json).run_id == id);
    CHECK(envelope_of("\"worker_id\":" + json).worker_id == id);
  }
  for (const char* json : {"1.5", "1.0", "true", "{}", "[]"}) {
    CHECK(reason(hit(std::string("\"worker_id\":") + json)) ==
          "bad_type worker_id: not a text or an integer");
  }
  CHECK(envelope_of("\"worker_id\":\"" + std::string(128, 'w') + "\"").worker_id.size() == 128);
  for (const std::string& id : {std::string(129, 'w'), std::string("a/b"), std::string("a\\nb")}) {
    CHECK(reason(hit("\"run_id\":\"" + id + "\"")) == "out_of_range run_id: not a valid id");
  }
}

TEST_CASE("worker_id is preferred to agent_id where it can be used", "[schema][loads_decode]") {
  CHECK(envelope_of(R"("worker_id":"w","agent_id":"a")").worker_id == "w");
  CHECK(envelope_of(R"("worker_id":"w","agent_id":{})").worker_id == "w");
  for (const char* unusable : {"null", R"("")", R"("None")", "true", R"("a/b")"}) {
    INFO(unusable);
    CHECK(envelope_of(std::string("\"agent_id\":\"a\",\"worker_id\":") + unusable).worker_id ==
          "a");
  }
  CHECK(envelope_of(R"("worker_id":12,"agent_id":34)").worker_id == "12");
  CHECK(reason(hit(R"("worker_id":"","agent_id":1.5)")) ==
        "bad_type agent_id: not a text or an integer");
}

TEST_CASE("seq and epoch are integers from 0 to 2^63-1", "[schema][loads_decode]") {
  const Envelope envelope = envelope_of(R"("seq":0,"epoch":9223372036854775807)");
  CHECK(envelope.seq == 0U);
  CHECK(envelope.epoch == 9223372036854775807U);
  CHECK(!envelope_of(R"("seq":null)").seq);
  CHECK(reason(hit(R"("seq":9223372036854775808)")).starts_with("out_of_range"));
  CHECK(reason(hit(R"("seq":-1)")).starts_with("out_of_range"));
  CHECK(reason(hit(R"("epoch":"1")")).starts_with("bad_type"));
}

TEST_CASE("loads_status is read in all its forms", "[schema][loads_decode]") {
  CHECK(status_of("[2,3,1,0]") == LoadsStatus{2, 3, 1, 0});
  CHECK(status_of(R"(["2","3",1.0,null])") == LoadsStatus{2, 3, 1, {}});
  CHECK(status_of(R"("2,3,1,2")") == LoadsStatus{2, 3, 1, 2});
  CHECK(status_of(R"(" 2 ,, 1")") == LoadsStatus{2, {}, 1, {}});
  CHECK(status_of(R"("")") == LoadsStatus{});
  CHECK(status_of("[]") == LoadsStatus{});
  CHECK(status_of("null") == LoadsStatus{});
  CHECK(status_of("[5]") == LoadsStatus{5, {}, {}, {}});
  CHECK(status_of(R"([1,2,3,4,"five",-6])") == LoadsStatus{1, 2, 3, 4});
  CHECK(status_of(R"("1,2,3,4,five")") == LoadsStatus{1, 2, 3, 4});
  CHECK(status_of("[1000000000000]").hits == 1'000'000'000'000);
  for (const char* json : {"5", "{}", "true", "[true]", "[[1]]", "[1.5]", R"(["x"])", R"("x")"}) {
    INFO(json);
    CHECK(
        reason(hit(std::string("\"loads_status\":") + json)).starts_with("bad_type loads_status"));
  }
  for (const char* json : {"[-1]", "[1000000000001]", R"("1,-2")", "[1e300]", R"(["1e300"])"}) {
    INFO(json);
    CHECK(reason(hit(std::string("\"loads_status\":") + json)) ==
          "out_of_range loads_status: out of range");
  }
}

TEST_CASE("status is a whole number from 0 to 999, null is 0", "[schema][loads_decode]") {
  const std::map<std::string, int> statuses = {
      {"0", 0},       {"999", 999}, {R"("404")", 404}, {R"(" 404 ")", 404},
      {"200.0", 200}, {"null", 0},  {R"("2e2")", 200}, {"NaN", 0}};
  for (const auto& [json, status] : statuses) {
    INFO(json);
    CHECK(decode_hit("\"status\":" + json).status == status);
  }
  for (const char* json : {R"("")", R"("OK")", "200.5", "true", "[]", R"("nan")", R"("200x")"}) {
    INFO(json);
    CHECK(reason(hit(std::string("\"status\":") + json)).starts_with("bad_type status"));
  }
  for (const char* json : {"-1", "1000", "1e300", R"("1e999")", R"("-1")"}) {
    INFO(json);
    CHECK(reason(hit(std::string("\"status\":") + json)).starts_with("out_of_range status"));
  }
}

TEST_CASE("elapsed is seconds, rounded to microseconds and at least 0", "[schema][loads_decode]") {
  const std::map<std::string, Elapsed> durations = {{"0", 0us},
                                                    {"1", 1s},
                                                    {"0.0000005", 1us},
                                                    {"0.0000004", 0us},
                                                    {R"("0.25")", 250ms},
                                                    {"-3.5", 0us},
                                                    {"-0.0", 0us},
                                                    {"1e-3", 1ms},
                                                    {"1e9", 1'000'000'000s},
                                                    {"-1e9", 0us},
                                                    {R"("1E2")", 100s}};
  for (const auto& [json, elapsed] : durations) {
    INFO(json);
    CHECK(decode_hit("\"elapsed\":" + json).elapsed == elapsed);
    CHECK(decode_hit("\"tls\":" + json).tls == elapsed);
  }
  for (const char* json : {"1000000000.1", "-1e10", "1e308", R"("1e400")"}) {
    INFO(json);
    CHECK(reason(hit(std::string("\"elapsed\":") + json)) == "out_of_range elapsed: out of range");
  }
  for (const char* json : {R"("")", R"("inf")", R"("nan")", R"("1s")", "true", "{}"}) {
    INFO(json);
    CHECK(reason(hit(std::string("\"first_byte\":") + json)) ==
          "bad_type first_byte: not a number");
  }
  CHECK(!decode_hit(R"("dns":null)").dns);
}

TEST_CASE("the optional fields of a hit are read", "[schema][loads_decode]") {
  const AddHit hit =
      decode_hit(R"("label":"l","success":false,"error":"e","bytes_sent":9007199254740992,)"
                 R"("bytes_received":"5","dns":0.1,"connect":0.2,"tls":0.3,"first_byte":0.4)");
  CHECK(hit.label == "l");
  CHECK(hit.success == false);
  CHECK(hit.error == "e");
  CHECK(hit.bytes_sent == 9007199254740992);
  CHECK(hit.bytes_received == 5);
  CHECK(hit.dns == 100ms);
  CHECK(hit.connect == 200ms);
  CHECK(hit.tls == 300ms);
  CHECK(hit.first_byte == 400ms);
  CHECK(decode_hit(R"("error":{"code" : 7})").error == R"({"code":7})");
}

TEST_CASE("with a label a hit needs no url, with success no status", "[schema][loads_decode]") {
  CHECK(single<AddHit>(R"({"data_type":"add_hit","label":"l","status":200,"elapsed":1})")
            .body.label == "l");
  CHECK(single<AddHit>(R"({"data_type":"add_hit","label":"l","success":true,"elapsed":1})")
            .body.status == 0);
  CHECK(reason(R"({"data_type":"add_hit","label":"","status":200,"elapsed":1})") ==
        "missing_field url: not given");
  CHECK(reason(R"({"data_type":"add_hit","label":"l","success":null,"elapsed":1})") ==
        "missing_field status: not given");
}

TEST_CASE("test and test_name are the same", "[schema][loads_decode]") {
  const auto test_of = [](const std::string& fields) {
    return std::string(single<StartTest>(R"({"data_type":"startTest",)" + fields + "}").body.test);
  };
  CHECK(test_of(R"("test":"a")") == "a");
  CHECK(test_of(R"("test_name":"b")") == "b");
  CHECK(test_of(R"("test_name":"b","test":"a")") == "a");
  CHECK(test_of(R"("test_name":"b","test":null)") == "b");
  CHECK(test_of(R"("test_name":"b","test":5)") == "b");
  CHECK(reason(R"({"data_type":"startTest","test":5})") == "bad_type test: not a text");
  CHECK(reason(R"({"data_type":"startTest","test_name":5})") == "bad_type test_name: not a text");
}

TEST_CASE("an exception list is put in order by what looks like a class",
          "[schema][loads_decode]") {
  const Exception expected{"ValueError", "broke", "tb"};
  CHECK(exception_of(R"(["<type 'exceptions.ValueError'>","broke","tb"])") == expected);
  CHECK(exception_of(R"(["broke","<type 'exceptions.ValueError'>","tb"])") == expected);
  CHECK(exception_of(R"(["ValueError","broke","tb"])") == expected);
  CHECK(exception_of(R"(["broke","ValueError","tb"])") == expected);
  // Two alike: the order that loads really sends.
  CHECK(exception_of(R"(["KeyError","ValueError"])") == Exception{"KeyError", "ValueError", ""});
  CHECK(exception_of(R"(["a b","c d"])") == Exception{"a b", "c d", ""});
  CHECK(exception_of(R"(["JSError","{}",""])") == Exception{"JSError", "{}", ""});
  CHECK(exception_of(R"(["Broken","JSError",""])") == Exception{"JSError", "Broken", ""});
}

TEST_CASE("an exception may be short, a text, an object or anything", "[schema][loads_decode]") {
  CHECK(exception_of("[]") == Exception{});
  CHECK(exception_of("{}") == Exception{});
  CHECK(exception_of("null") == Exception{});
  CHECK(exception_of(R"(["broke"])") == Exception{"", "broke", ""});
  CHECK(exception_of(R"(["ValueError: broke"])") == Exception{"ValueError", "broke", ""});
  CHECK(exception_of(R"("exceptions.ValueError: broke: again")") ==
        Exception{"ValueError", "broke: again", ""});
  CHECK(exception_of(R"("Broken: pipe")") == Exception{"", "Broken: pipe", ""});
  CHECK(exception_of(R"(["ValueError",null,{"a" : 1},"more"])") ==
        Exception{"ValueError", "", R"({"a":1})"});
  CHECK(exception_of(R"({"name":"TypeError","message":"m","stack":"s"})") ==
        Exception{"TypeError", "m", "s"});
  CHECK(exception_of(R"({"type":"T","class":"C","msg":"m","traceback":"t"})") ==
        Exception{"C", "m", "t"});
  CHECK(exception_of(R"({"name":5,"code":7})") == Exception{"", R"({"name":5,"code":7})", ""});
  CHECK(exception_of(R"({"name":5,"msg":"m"})") == Exception{"", "m", ""});
  CHECK(exception_of("7") == Exception{"", "7", ""});
}

TEST_CASE("of exc_info, exc and error the first that says something counts",
          "[schema][loads_decode]") {
  const auto message_of = [](const std::string& fields) {
    return single<AddFailure>(R"({"data_type":"addFailure","test":"t",)" + fields + "}")
        .body.exception.message;
  };
  CHECK(message_of(R"("error":"c","exc":"b","exc_info":"a")") == "a");
  CHECK(message_of(R"("error":"c","exc":"b","exc_info":null)") == "b");
  CHECK(message_of(R"("error":"c","exc":[],"exc_info":{})") == "c");
}

TEST_CASE("startTestRun carries what describes a run", "[schema][loads_decode]") {
  const Single<StartTestRun> run(
      R"({"data_type":"startTestRun","name":"n","project":"p","scenario":"s",)"
      R"("tags":{"text":"x","number":1.5,"flag":false,"none":null},)"
      R"("thresholds":{"m":["a<1",{"threshold":"b<2","abortOnFail":true,"delayAbortEval":"10s"},)"
      R"({"threshold":"c<3","abortOnFail":null,"other":1}],"n":null,"o":[]}})");
  const StartTestRun expected{
      "n",
      "p",
      "s",
      {{"text", "x"}, {"number", "1.5"}, {"flag", "false"}},
      {{"m", "a<1", false, ""}, {"m", "b<2", true, "10s"}, {"m", "c<3", false, ""}}};
  CHECK(run.body == expected);
}

TEST_CASE("an unknown data_type with a test is a counter", "[schema][loads_decode]") {
  const Single<Counter> counter(R"({"data_type":"widgets","test_name":"t"})");
  CHECK(counter.body == Counter{"widgets", "t"});
  CHECK(reason(R"({"data_type":"widgets","test":""})").starts_with("unknown_type widgets: "));
  CHECK(reason(R"({"data_type":"STARTTEST"})").starts_with("unknown_type"));
}
