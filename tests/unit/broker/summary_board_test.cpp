#include "broker/summary_board.hpp"

#include <catch2/catch.hpp>

using weir::broker::SummaryBoard;

namespace {

std::shared_ptr<const std::string> text(const char* of) {
  return std::make_shared<const std::string>(of);
}

}  // namespace

TEST_CASE("what nobody has taken yet is replaced by what is newer", "[broker][summary_board]") {
  SummaryBoard board;
  int published = 0;
  board.on_publish([&published] { ++published; });
  board.put("broker/", text("1"));
  board.put("broker/", text("2"));
  board.put("run/a/", text("3"));
  board.remove("run/a/");
  board.publish();
  CHECK(published == 1);
  const auto taken = board.take();
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].topic == "broker/");
  CHECK(*taken[0].json == "2");
  CHECK(taken[1].json == nullptr);  // it is over
  CHECK(board.take().empty());
}

TEST_CASE("nothing is kept for nobody", "[broker][summary_board]") {
  SummaryBoard board;
  board.put("broker/", text("1"));
  board.publish();
  CHECK(board.take().empty());
}
