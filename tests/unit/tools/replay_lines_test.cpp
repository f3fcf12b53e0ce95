#include "tools/replay_lines.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/loads_encode.hpp"

namespace weir::tools {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const schema::Timestamp kStart = schema::parse_time("2030-01-01T00:00:00Z").value();
const schema::Timestamp kNow = schema::parse_time("2030-01-01T12:00:00Z").value();

const std::string kStarted =
    R"({"data_type":"startTestRun","worker_id":"w","run_id":"r","seq":1,"epoch":1000,)"
    R"("time":"2026-11-21T20:00:00Z"})";
// Ends 4 s after kStarted.
const std::string kHit =
    R"({"data_type":"add_hit","worker_id":"w","run_id":"r","seq":2,"epoch":1000,"url":"http://h/",)"
    R"("method":"GET","status":200,"started":"2026-11-21T20:00:03.500Z","elapsed":0.5})";

json only_frame(const ReplayLines& lines) {
  REQUIRE(lines.frames().size() == 1);
  return json::parse(lines.frames()[0]);
}

TEST_CASE("recorded times move to the start of the replay", "[tools][replay_lines]") {
  ReplayLines lines{{}, kStart};
  lines.read(kStarted, kNow);
  CHECK(lines.due() == 0s);
  CHECK(only_frame(lines).at("time") == "2030-01-01T00:00:00.000000Z");
  lines.read(kHit, kNow);
  CHECK(lines.due() == 4s);
  const json hit = only_frame(lines);
  CHECK(hit.at("started") == "2030-01-01T00:00:03.500000Z");
  CHECK(hit.at("elapsed") == 0.5);
  CHECK(hit.at("run_id") == "r");
  CHECK(hit.at("seq") == 2);
}

TEST_CASE("the epoch moves as far as the times", "[tools][replay_lines]") {
  ReplayLines lines{{}, kStart};
  lines.read(kStarted, kNow);
  const auto moved = only_frame(lines).at("epoch").get<std::int64_t>() - 1000;
  CHECK(moved == (kStart - schema::parse_time("2026-11-21T20:00:00Z").value()) /
                     std::chrono::microseconds{1});
  lines.read(kHit, kNow);
  CHECK(only_frame(lines).at("epoch").get<std::int64_t>() == moved + 1000);
}

TEST_CASE("all epochs move alike, also before a time is known", "[tools][replay_lines]") {
  const std::string untimed =
      R"({"data_type":"startTestRun","worker_id":"w","run_id":"r","seq":1,"epoch":1000})";
  ReplayLines lines{{}, kStart};
  lines.read(untimed, kNow);
  const json first = only_frame(lines);
  CHECK(first.at("epoch") > 1000);
  lines.read(kHit, kNow);
  CHECK(only_frame(lines).at("epoch") == first.at("epoch"));
  // Another replay is another epoch.
  ReplayLines again{{}, kStart + 1s};
  again.read(untimed, kNow);
  CHECK(only_frame(again).at("epoch") > first.at("epoch"));
}

TEST_CASE("a replay at another speed moves what happened closer, and changes no elapsed",
          "[tools][replay_lines]") {
  ReplayLines lines{{.speed = 4, .keep_times = false, .run_id = {}}, kStart};
  lines.read(kStarted, kNow);
  lines.read(kHit, kNow);
  CHECK(lines.due() == 1s);
  const json hit = only_frame(lines);
  CHECK(hit.at("elapsed") == 0.5);
  CHECK(hit.at("started") == "2030-01-01T00:00:00.500000Z");  // ended 1 s after the start
}

TEST_CASE("at full speed nothing is waited for, and all happened now", "[tools][replay_lines]") {
  ReplayLines lines{{.speed = 0, .keep_times = false, .run_id = {}}, kStart};
  lines.read(kStarted, kNow);
  CHECK_FALSE(lines.due().has_value());
  CHECK(only_frame(lines).at("time") == "2030-01-01T12:00:00.000000Z");
  lines.read(kHit, kNow);
  CHECK_FALSE(lines.due().has_value());
  CHECK(only_frame(lines).at("started") == "2030-01-01T11:59:59.500000Z");
}

TEST_CASE("kept times leave a line as it is, byte for byte", "[tools][replay_lines]") {
  const std::string odd = R"( {"status":"200", "data_type":"addHit","elapsed":"1", "url":"u",)"
                          R"("method":"GET","unknown":[1],"started":"2026-11-21 20:00:00"} )";
  ReplayLines lines{{.speed = 2, .keep_times = true, .run_id = {}}, kStart};
  lines.read(odd, kNow);
  REQUIRE(lines.frames().size() == 1);
  CHECK(lines.frames()[0] == odd);
  CHECK(lines.due() == 0s);
  lines.read(kHit, kNow);
  CHECK(lines.frames()[0] == kHit);
  CHECK(lines.due() == 1500ms);
}

TEST_CASE("a run_id replaces the recorded one, also with kept times", "[tools][replay_lines]") {
  ReplayLines lines{{.speed = 1, .keep_times = true, .run_id = "again"}, kStart};
  lines.read(kHit, kNow);
  const json hit = only_frame(lines);
  CHECK(hit.at("run_id") == "again");
  CHECK(hit.at("started") == "2026-11-21T20:00:03.500000Z");
  CHECK(hit.at("epoch") == 1000);
}

TEST_CASE("a line without times follows the one before at once", "[tools][replay_lines]") {
  ReplayLines lines{{}, kStart};
  lines.read(R"({"data_type":"startTest","worker_id":"w","test":"t"})", kNow);
  CHECK_FALSE(lines.due().has_value());
  CHECK_FALSE(only_frame(lines).contains("time"));
}

TEST_CASE("a line from before the first time is due at once", "[tools][replay_lines]") {
  ReplayLines lines{{}, kStart};
  lines.read(kHit, kNow);
  lines.read(kStarted, kNow);
  CHECK(lines.due() == -4s);
  CHECK(only_frame(lines).at("time") == "2029-12-31T23:59:56.000000Z");
}

TEST_CASE("an array becomes one frame a message, due with the latest of them",
          "[tools][replay_lines]") {
  ReplayLines lines{{}, kStart};
  lines.read("[" + kStarted + "," + kHit + "]", kNow);
  REQUIRE(lines.frames().size() == 2);
  CHECK(lines.due() == 4s);
  CHECK(json::parse(lines.frames()[0]).at("data_type") == "startTestRun");
}

// The messages of a frame, spelled out, and whether they came in a loads batch.
struct Seen final : schema::MessageVisitor {
  void on_message(const schema::Message& message) override {
    texts.push_back(schema::loads_encode(message));
    batched.push_back(message.envelope.batched);
  }
  void on_rejection(const schema::Rejection& rejection) override { FAIL(rejection.detail); }
  std::vector<std::string> texts;
  std::vector<bool> batched;
};

TEST_CASE("what came in a loads batch is replayed as one", "[tools][replay_lines]") {
  const std::string batch =
      R"({"data_type":"batch","worker_id":"w","run_id":"r","counts":{"stopTest":[{"test":"t"}],)"
      R"("startTest":[{"test":"t","loads_status":[1,1,1,0]}],"say \"x\"":[{"test":"t"}],)"
      R"("add_hit":[{"url":"u","method":"GET","status":200,"elapsed":0.5}]}})";
  schema::LoadsDecoder decoder;
  Seen recorded;
  decoder.decode(batch, recorded);
  REQUIRE(recorded.texts.size() == 4);
  ReplayLines lines{{}, kStart};
  lines.read(batch, kNow);
  Seen replayed;
  for (const std::string_view frame : lines.frames()) decoder.decode(frame, replayed);
  CHECK(replayed.texts == recorded.texts);
  CHECK(replayed.batched == std::vector<bool>(4, true));
}

TEST_CASE("a line that is no message is sent as it is, and counted", "[tools][replay_lines]") {
  ReplayLines lines{{.speed = 1, .keep_times = false, .run_id = "again"}, kStart};
  for (const std::string& line : {std::string{"not json"}, std::string{"[1]"}, std::string{"{}"}}) {
    lines.read(line, kNow);
    REQUIRE(lines.frames().size() == 1);
    CHECK(lines.frames()[0] == line);
    CHECK_FALSE(lines.due().has_value());
  }
  CHECK(lines.unreadable() == 3);
}

}  // namespace
}  // namespace weir::tools
