#include "schema/loads_encode.hpp"

#include <limits>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/loads_messages.hpp"

using namespace weir::schema;
using namespace std::chrono_literals;
using weir::tests::Decoded;
using weir::tests::says_the_same;

namespace {

const Timestamp kTime = parse_time("2026-11-21T20:29:56.743477Z").value();

void check_round_trip(const Message& message) {
  const std::string text = loads_encode(message);
  INFO(text);
  const Decoded decoded(text);
  REQUIRE(decoded.messages.size() == 1);
  CHECK(says_the_same(decoded.messages[0], message));
}

Envelope full_envelope() {
  Envelope envelope;
  envelope.run_id = "r";
  envelope.worker_id = "w";
  envelope.seq = 1;
  envelope.epoch = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  envelope.time = kTime;
  envelope.status = {1, std::nullopt, 3, std::nullopt};
  return envelope;
}

}  // namespace

TEST_CASE("a hit is encoded in weir's own spelling on one line", "[schema][loads_encode]") {
  AddHit hit;
  hit.url = "http://h/\n";
  hit.method = "GET";
  hit.status = 200;
  hit.started = kTime;
  hit.elapsed = 2'553us;
  CHECK(loads_encode({full_envelope(), hit}) ==
        R"({"data_type":"add_hit","run_id":"r","worker_id":"w","seq":1,)"
        R"("epoch":9223372036854775807,"time":"2026-11-21T20:29:56.743477Z",)"
        R"("loads_status":[1,null,3,null],"url":"http://h/\n","method":"GET","status":200,)"
        R"("started":"2026-11-21T20:29:56.743477Z","elapsed":0.002553})");
}

TEST_CASE("every message comes back equal", "[schema][loads_encode]") {
  AddHit hit;
  hit.label = "l";
  hit.elapsed = 1'000'000'000s;
  hit.success = false;
  hit.error = "e";
  hit.bytes_sent = 0;
  hit.bytes_received = std::int64_t{1} << 53;
  hit.dns = 1us;
  hit.connect = 333'333us;
  hit.tls = 0us;
  hit.first_byte = 86'399'999'999us;
  const StartTestRun run{
      "n",
      "p",
      "s",
      {{"z", "1"}, {"a", ""}},
      {{"m", "a<1", false, ""}, {"m", "b<2", true, ""}, {"k", "c<3", false, "5s"}}};
  const Exception exception{"ValueError", "broke", "tb"};
  const std::vector<Body> bodies = {hit,
                                    run,
                                    StopTestRun{},
                                    StartTest{"t"},
                                    StopTest{"t"},
                                    AddSuccess{"t"},
                                    AddFailure{"t", exception},
                                    AddFailure{"t", {}},
                                    AddError{"t", exception},
                                    SocketOpen{},
                                    SocketClose{},
                                    SocketMessage{12},
                                    Counter{"widgets", "t"}};
  for (const Body& body : bodies) {
    check_round_trip({full_envelope(), body});
    check_round_trip({Envelope{}, body});
  }
}

TEST_CASE("an exception comes back in order whatever its parts look like",
          "[schema][loads_encode]") {
  const std::vector<Exception> exceptions = {{"ValueError", "broke", ""},
                                             {"int", "<type 'float'>", "tb"},
                                             {"", "ValueError", ""},
                                             {"", "", "tb"},
                                             {"", "KeyError: x", ""},
                                             {"x y", "z", ""},
                                             {"A", "BError", "CError"},
                                             {"", "{}", ""},
                                             {"T", "", ""}};
  for (const Exception& exception : exceptions) {
    check_round_trip({Envelope{}, AddError{"t", exception}});
  }
}

TEST_CASE("an exception that can only be read one way is a list, class first",
          "[schema][loads_encode]") {
  const AddError error{"t", {"ValueError", "broke", "tb"}};
  const auto json = nlohmann::json::parse(loads_encode({Envelope{}, error}));
  CHECK(json["exc_info"] == nlohmann::json{"ValueError", "broke", "tb"});
}

TEST_CASE("text that is not UTF-8 is replaced by U+FFFD", "[schema][loads_encode]") {
  const Decoded decoded(loads_encode({Envelope{}, StartTest{"caf\xE9"}}));
  REQUIRE(decoded.messages.size() == 1);
  CHECK(std::get<StartTest>(decoded.messages[0].body).test == "caf\xEF\xBF\xBD");
}

TEST_CASE("elapsed is exact to the microsecond", "[schema][loads_encode]") {
  for (const std::int64_t us : {1LL, 3LL, 999'999LL, 1'000'001LL, 123'456'789'012'345LL}) {
    AddHit hit;
    hit.label = "l";
    hit.elapsed = Elapsed(us);
    check_round_trip({Envelope{}, hit});
  }
}
