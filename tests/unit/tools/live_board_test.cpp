#include "tools/live_board.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "schema/summary_json.hpp"

namespace weir::tools {
namespace {

using std::chrono::seconds;
constexpr LiveBoard::Now kNow{std::chrono::hours{1}};

// A summary of a run that started `start` seconds after a fixed moment.
schema::Summary summary(std::string run_id, std::uint64_t seq, int start = 0,
                        schema::RunState state = schema::RunState::running) {
  schema::Summary out;
  out.run_id = std::move(run_id);
  out.seq = seq;
  out.elapsed_s = static_cast<double>(seq);
  out.time =
      *schema::parse_time("2026-11-21T20:00:00Z") + seconds{start} + seconds{static_cast<int>(seq)};
  out.state = state;
  out.last = schema::LastSummary{1.0, seq, 0, static_cast<double>(seq), {}};
  return out;
}

const LiveRun* apply(LiveBoard& board, const schema::Summary& summary, LiveBoard::Now now = kNow) {
  return board.apply("summary/" + summary.run_id + "/", schema::summary_to_json(summary), now);
}

std::string selected_id(const LiveBoard& board) {
  return board.selected() == nullptr ? "" : board.selected()->summary.run_id;
}

}  // namespace

TEST_CASE("a board without messages shows nothing", "[tools][live_board]") {
  LiveBoard board;
  CHECK(board.selected() == nullptr);
  CHECK(board.position() == 0);
  CHECK_FALSE(board.heard());
  board.select_next();
  CHECK(board.selected() == nullptr);
}

TEST_CASE("the latest summary of a run counts", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("a", 1));
  const LiveRun* run = apply(board, summary("a", 2), kNow + seconds{1});
  REQUIRE(run == board.selected());
  CHECK(run->summary.seq == 2);
  CHECK(run->seen == kNow + seconds{1});
  CHECK(board.size() == 1);
}

TEST_CASE("missed summaries leave gaps in the rates", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("a", 10));
  apply(board, summary("a", 13));
  const LiveRun& run = *board.selected();
  REQUIRE(run.rates.size() == 4);
  CHECK(run.rates[0]->per_s == 10.0);
  CHECK_FALSE(run.rates[1]);
  CHECK_FALSE(run.rates[2]);
  CHECK(run.rates[3]->per_s == 13.0);
}

TEST_CASE("a summary that comes again is not a tick of its own", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("a", 3));
  apply(board, summary("a", 3));
  CHECK(board.selected()->rates.size() == 1);
}

TEST_CASE("a lower seq is a broker that started again, not a loss", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("a", 100));
  apply(board, summary("a", 1));
  CHECK(board.selected()->rates.size() == 2);
}

TEST_CASE("the history of rates is bounded however large the gap", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("a", 1));
  apply(board, summary("a", 4'000'000'000ULL));
  CHECK(board.selected()->rates.size() == kRateHistory);
}

TEST_CASE("the active run that started last is selected", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("old", 9, 0));
  apply(board, summary("new", 2, 60));
  CHECK(selected_id(board) == "new");
  CHECK(board.position() == 2);
  apply(board, summary("new", 3, 60, schema::RunState::finished));
  CHECK(selected_id(board) == "old");
  apply(board, summary("old", 10, 0, schema::RunState::finished));
  CHECK(selected_id(board) == "new");
}

TEST_CASE("a run that the user chose stays selected", "[tools][live_board]") {
  LiveBoard board;
  apply(board, summary("a", 1, 0));
  apply(board, summary("b", 1, 10));
  apply(board, summary("c", 1, 20));
  board.select_next();
  CHECK(selected_id(board) == "a");
  apply(board, summary("d", 1, 30));
  CHECK(selected_id(board) == "a");
  board.select_previous();
  CHECK(selected_id(board) == "d");
  board.select_previous();
  CHECK(selected_id(board) == "c");
}

TEST_CASE("the number of runs is bounded, the longest unheard one goes", "[tools][live_board]") {
  LiveBoard board;
  for (std::size_t i = 0; i <= kMaxLiveRuns; ++i) {
    const int second = static_cast<int>(i);
    apply(board, summary("run-" + std::to_string(i), 1, second), kNow + seconds{second});
  }
  CHECK(board.size() == kMaxLiveRuns);
  board.select_next();
  CHECK(selected_id(board) == "run-1");
}

TEST_CASE("broker messages set the health, other messages only the time", "[tools][live_board]") {
  LiveBoard board;
  CHECK(board.apply("run/a/", R"({"type":"run"})", kNow) == nullptr);
  CHECK(board.heard() == kNow);
  CHECK_FALSE(board.broker());
  CHECK(board.apply("broker/", R"({"late":5})", kNow + seconds{1}) == nullptr);
  REQUIRE(board.broker());
  CHECK(board.broker()->late == 5);
}

TEST_CASE("a summary that cannot be read changes nothing", "[tools][live_board]") {
  LiveBoard board;
  CHECK(board.apply("summary/a/", "{", kNow) == nullptr);
  CHECK(board.apply("summary/a/", "{}", kNow) == nullptr);
  CHECK(board.size() == 0);
}

}  // namespace weir::tools
