#include "runners/cpp/load_figures.hpp"

#include <chrono>

#include <catch2/catch.hpp>

namespace weir::runners {
namespace {

using namespace std::chrono_literals;

HttpHit answered(int status, schema::Elapsed elapsed) {
  HttpHit hit;
  hit.status = status;
  hit.elapsed = elapsed;
  hit.bytes_sent = 10;
  hit.bytes_received = 100;
  return hit;
}

TEST_CASE("a hit succeeds with an answer of 200 to 399", "[runners][load_figures]") {
  CHECK(answered(200, 1ms).succeeded());
  CHECK(answered(399, 1ms).succeeded());
  CHECK_FALSE(answered(199, 1ms).succeeded());
  CHECK_FALSE(answered(400, 1ms).succeeded());
  HttpHit broken = answered(200, 1ms);
  broken.error = "Failure when receiving data from the peer";
  CHECK_FALSE(broken.succeeded());
}

TEST_CASE("figures sum up hits by status and error", "[runners][load_figures]") {
  LoadFigures figures;
  figures.add(answered(200, 1ms));
  figures.add(answered(200, 3ms));
  figures.add(answered(500, 2ms));
  HttpHit refused = answered(0, 5ms);
  refused.error = "Couldn't connect to server";
  figures.add(refused);
  figures.add(refused);
  CHECK(figures.hits() == 5);
  CHECK(figures.failed == 3);
  CHECK(figures.statuses == std::map<int, std::uint64_t>{{200, 2}, {500, 1}});
  CHECK(figures.errors.size() == 1);
  CHECK(figures.errors.at("Couldn't connect to server") == 2);
  CHECK(figures.bytes_sent == 50);
  CHECK(figures.bytes_received == 500);
  CHECK(figures.response_us.min() == 1000);
  CHECK(figures.response_us.max() == 5000);
}

TEST_CASE("a hit is late if it was sent more than a millisecond after it was due",
          "[runners][load_figures]") {
  LoadFigures figures;
  for (const schema::Elapsed late : {0us, 1000us, 1001us, 40'000us}) {
    HttpHit hit = answered(200, 50ms);
    hit.late = late;
    figures.add(hit);
  }
  CHECK(figures.sent_late == 2);
  CHECK(figures.late_max == 40ms);
}

}  // namespace
}  // namespace weir::runners
