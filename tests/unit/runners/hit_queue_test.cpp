#include "runners/cpp/hit_queue.hpp"

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace weir::runners {
namespace {

using namespace std::chrono_literals;

HttpHit hit(std::uint64_t number) {
  HttpHit made;
  made.number = number;
  return made;
}

TEST_CASE("the hit queue gives hits back in order", "[runners][hit_queue]") {
  HitQueue queue{10};
  for (std::uint64_t i = 1; i <= 3; ++i) queue.put(hit(i));
  std::vector<HttpHit> taken;
  CHECK(queue.take(taken, 0ms));
  REQUIRE(taken.size() == 3);
  CHECK(taken[0].number == 1);
  CHECK(taken[2].number == 3);
  CHECK(queue.take(taken, 0ms));
  CHECK(taken.empty());
}

TEST_CASE("a full hit queue refuses and counts", "[runners][hit_queue]") {
  HitQueue queue{2};
  for (std::uint64_t i = 1; i <= 4; ++i) queue.put(hit(i));
  CHECK(queue.refused() == 2);
  std::vector<HttpHit> taken;
  CHECK(queue.take(taken, 0ms));
  REQUIRE(taken.size() == 2);
  CHECK(taken[1].number == 2);
  queue.put(hit(5));
  CHECK(queue.refused() == 2);
  CHECK(queue.take(taken, 0ms));
  CHECK(taken.size() == 1);
}

TEST_CASE("a closed hit queue still gives what it holds, and then ends", "[runners][hit_queue]") {
  HitQueue queue{2};
  queue.put(hit(1));
  queue.close();
  std::vector<HttpHit> taken;
  CHECK(queue.take(taken, 1h));
  CHECK(taken.size() == 1);
  CHECK_FALSE(queue.take(taken, 1h));
  CHECK(taken.empty());
}

TEST_CASE("no hit is lost or doubled between the two threads", "[runners][hit_queue]") {
  constexpr std::uint64_t kHits = 200'000;
  HitQueue queue{1000};
  std::thread producer{[&queue] {
    for (std::uint64_t i = 1; i <= kHits; ++i) queue.put(hit(i));
    queue.close();
  }};
  std::vector<HttpHit> taken;
  std::uint64_t got = 0;
  std::uint64_t last = 0;
  bool ascending = true;
  while (queue.take(taken, 1ms)) {
    got += taken.size();
    for (const HttpHit& one : taken) {
      ascending = ascending && one.number > last;
      last = one.number;
    }
  }
  producer.join();
  CHECK(ascending);
  CHECK(got + queue.refused() == kHits);
}

}  // namespace
}  // namespace weir::runners
