#include "http/live_board.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace weir;
using namespace weir::http;
using nlohmann::json;

namespace {

const auto kNow = LiveBoard::Clock::now();

LiveMessage message(std::string topic, std::string text) {
  return {std::move(topic), std::make_shared<const std::string>(std::move(text)), nullptr};
}

LiveMessage summary(std::int64_t number, std::uint64_t hits, bool final = false) {
  auto value = std::make_shared<schema::Summary>();
  value->run_id = "r" + std::to_string(number);
  value->number = number;
  value->final = final;
  value->hits.count = hits;
  value->time = schema::Timestamp{std::chrono::seconds{1'800'000'000 + hits}};
  value->last = schema::LastSummary{};
  value->last->seconds = 1;
  value->last->hits = hits;
  value->last->per_s = static_cast<double>(hits);
  return {"summary/" + value->run_id + "/",
          std::make_shared<const std::string>("{\"hits\":" + std::to_string(hits) + "}"), value};
}

std::string text_of(const LiveBoard::Snapshot& snapshot) {
  std::string text;
  for (const Text& part : snapshot.parts) text += *part;
  return text;
}

json snapshot_of(const LiveBoard& board, const std::vector<std::string>& prefixes) {
  return json::parse(text_of(board.snapshot(prefixes, schema::Timestamp{})));
}

// All that a viewer with these prefixes is sent after `seen`.
std::vector<std::string> after(const LiveBoard& board, const std::vector<std::string>& prefixes,
                               LiveBoard::Version seen = 0) {
  std::vector<std::string> texts;
  while (const auto next = board.next(prefixes, seen)) {
    texts.push_back(next->type + " " + *next->json);
    seen = next->version;
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a viewer is sent the topics it asked for, in the order they came", "[http][live]") {
  LiveBoard board;
  board.put({message("broker/", "1"), message("run/a/", "2"), message("run/b/", "3")}, kNow);
  CHECK(after(board, {"run/"}) == Texts{"run 2", "run 3"});
  CHECK(after(board, {"run/b/", "broker/"}) == Texts{"broker 1", "run 3"});
  CHECK(after(board, {"nothing/"}).empty());
}

TEST_CASE("who is slow gets the newest of each topic and skips those before", "[http][live]") {
  LiveBoard board;
  for (int i = 0; i < 10; ++i) board.put({message("broker/", std::to_string(i))}, kNow);
  CHECK(after(board, {"broker/"}) == Texts{"broker 9"});
  const auto seen = board.next({"broker/"}, 0)->version;
  CHECK(after(board, {"broker/"}, seen).empty());
  board.put({message("broker/", "10")}, kNow);
  CHECK(after(board, {"broker/"}, seen) == Texts{"broker 10"});
}

TEST_CASE("a topic that is over is gone", "[http][live]") {
  LiveBoard board;
  board.put({message("run/a/", "1"), message("run/b/", "2")}, kNow);
  board.put({{"run/a/", nullptr, nullptr}, {"run/never/", nullptr, nullptr}}, kNow);
  CHECK(after(board, {"run/"}) == Texts{"run 2"});
  CHECK(board.newest("run/a/") == nullptr);
}

TEST_CASE("runs/ has the active runs, and one that ends once more", "[http][live]") {
  LiveBoard board;
  board.put({summary(1, 10), summary(2, 20)}, kNow);
  const auto runs = [&] { return json::parse(*board.newest("runs/"))["runs"]; };
  REQUIRE(runs().size() == 2);
  CHECK(runs()[0]["number"] == 2);
  CHECK(runs()[0]["hits"]["count"] == 20);
  board.put({summary(1, 11), summary(2, 21, true)}, kNow);
  REQUIRE(runs().size() == 2);
  CHECK(runs()[0]["final"] == true);
  board.put({summary(1, 12)}, kNow);
  REQUIRE(runs().size() == 1);
  CHECK(runs()[0]["number"] == 1);
  board.put({summary(1, 12, true)}, kNow);
  REQUIRE(runs().size() == 1);
  CHECK(runs()[0]["final"] == true);
  board.put({message("broker/", "{}")}, kNow);
  CHECK(runs().empty());
}

TEST_CASE("a snapshot is everything at once, and what comes later is newer", "[http][live]") {
  LiveBoard board;
  board.put({summary(1, 10), message("broker/", R"({"type":"broker"})")}, kNow);
  board.put({summary(1, 12)}, kNow);
  const json all = snapshot_of(board, {});
  CHECK(all["type"] == "snapshot");
  CHECK(all["messages"].size() == 3);  // broker/, runs/, summary/r1/
  CHECK(all["recent"]["r1"]["per_s"] == json{10.0, 12.0});
  CHECK(all["recent"]["r1"]["t_ms"] == json{1'800'000'010'000, 1'800'000'012'000});
  const auto version = board.snapshot({}, schema::Timestamp{}).version;
  CHECK(after(board, {}, version).empty());
  board.put({summary(1, 15)}, kNow);
  CHECK(after(board, {"summary/"}, version) == Texts{R"(summary {"hits":15})"});
}

TEST_CASE("a snapshot has what was asked for only", "[http][live]") {
  LiveBoard board;
  board.put({summary(1, 10), summary(2, 20), summary(3, 30, true)}, kNow);
  json some = snapshot_of(board, {"summary/r2/"});
  CHECK(some["messages"] == json{{{"hits", 20}}});
  CHECK(some["recent"].size() == 1);
  CHECK(some["recent"].contains("r2"));
  some = snapshot_of(board, {"runs/"});
  CHECK(some["messages"].size() == 1);
  CHECK(some["recent"].size() == 2);  // of those that go on
  some = snapshot_of(board, {"broker/"});
  CHECK(some["messages"].empty());
  CHECK(some["recent"].empty());
}

TEST_CASE("only so many ticks of a run are kept", "[http][live]") {
  LiveBoard board;
  for (std::uint64_t i = 1; i <= LiveBoard::kRecentTicks + 5; ++i) board.put({summary(1, i)}, kNow);
  const json recent = snapshot_of(board, {"summary/"})["recent"]["r1"];
  CHECK(recent["per_s"].size() == LiveBoard::kRecentTicks);
  CHECK(recent["per_s"].front() == 6.0);
}

TEST_CASE("a run is found by its run_id first, then by its number", "[http][live]") {
  LiveBoard board;
  auto named_like_a_number = summary(7, 70);
  auto value = std::make_shared<schema::Summary>(*named_like_a_number.summary);
  value->run_id = "1";
  board.put({summary(1, 10), {"summary/1/", named_like_a_number.json, value}}, kNow);
  CHECK(board.summary_of("1")->number == 7);
  CHECK(board.summary_of("r1")->number == 1);
  CHECK(board.summary_of("7")->number == 7);
  CHECK(board.summary_of("2") == nullptr);
  CHECK(board.summary_of("") == nullptr);
}
