#include "broker/inbox.hpp"

#include <catch2/catch.hpp>

using namespace weir;
using weir::broker::Inbox;

namespace {

http::Messages messages(std::size_t bytes) {
  http::Messages order;
  order.body.assign(bytes, 'x');
  return order;
}

}  // namespace

TEST_CASE("orders come out in the order they went in, so many bytes at a time", "[broker][inbox]") {
  Inbox inbox{100'000};
  for (const std::size_t bytes : {1'000U, 2'000U, 3'000U}) {
    CHECK(inbox.submit(messages(bytes), {}));
  }
  auto taken = inbox.take(2'500);
  REQUIRE(taken.size() == 2);
  CHECK(std::get<http::Messages>(taken[1].order).body.size() == 2'000);
  CHECK(inbox.take(1).size() == 1);  // at least one
  CHECK(inbox.is_empty());
  CHECK(inbox.take(1).empty());
}

TEST_CASE("what finds no room is refused, but one alone always fits", "[broker][inbox]") {
  Inbox inbox{10'000};
  CHECK(inbox.submit(messages(20'000), {}));
  CHECK_FALSE(inbox.submit(messages(1), {}));
  inbox.take(1);
  CHECK(inbox.submit(messages(1), {}));
}

TEST_CASE("the bell rings when something comes into the empty inbox", "[broker][inbox]") {
  Inbox inbox{10'000};
  CHECK_FALSE(inbox.bell().was_rung());
  inbox.submit(http::StopRun{1}, {});
  CHECK(inbox.bell().was_rung());
}

TEST_CASE("a closed inbox takes nothing in, and who waits is told to come later",
          "[broker][inbox]") {
  Inbox inbox{10'000};
  std::vector<http::Outcome::Verdict> verdicts;
  inbox.submit(http::StopRun{1},
               [&](const http::Outcome& outcome) { verdicts.push_back(outcome.verdict); });
  inbox.give_up();
  CHECK(verdicts == std::vector{http::Outcome::Verdict::later});
  CHECK_FALSE(inbox.submit(http::StopRun{1}, {}));
}
