#include <catch2/catch.hpp>

#include "tools/bench_sender.hpp"

namespace weir::tools {

TEST_CASE("what the sender is asked to open comes across a line", "[tools][bench]") {
  BenchOpen open{.endpoint = "tcp://127.0.0.1:7071",
                 .acked = true,
                 .connections = 16,
                 .traffic = {BenchForm::acked_50, "bench-3", 16, 700, 1'795'292'996}};
  const auto read = open_from_line(to_line(open));
  REQUIRE(read);
  CHECK(read->endpoint == open.endpoint);
  CHECK(read->acked);
  CHECK(read->connections == 16);
  CHECK(read->traffic.form == BenchForm::acked_50);
  CHECK(read->traffic.run_id == "bench-3");
  CHECK(read->traffic.labels == 700);
  CHECK(read->traffic.epoch == 1'795'292'996);
}

TEST_CASE("what is to be sent, and what was, come across a line", "[tools][bench]") {
  const auto go = go_from_line(to_line(BenchGo{.frames = 12, .rate_per_s = 34}));
  REQUIRE(go);
  CHECK(go->frames == 12);
  CHECK(go->rate_per_s == 34);
  const auto sent = sent_from_line(to_line(BenchSent{1, 2, 3, 4, 5, 6}));
  REQUIRE(sent);
  CHECK(sent->frames == 1);
  CHECK(sent->hits == 2);
  CHECK(sent->failed == 3);
  CHECK(sent->bytes == 4);
  CHECK(sent->began_us == 5);
  CHECK(sent->elapsed_ns == 6);
}

TEST_CASE("a line that says something else is not taken for an order", "[tools][bench]") {
  for (const char* line : {"", "open", "open x 1 2 nothing r 1 1 1", "go", "go x", "sent 1 2"}) {
    CAPTURE(line);
    CHECK_FALSE(open_from_line(line));
    CHECK_FALSE(go_from_line(line));
    CHECK_FALSE(sent_from_line(line));
  }
}

}  // namespace weir::tools
