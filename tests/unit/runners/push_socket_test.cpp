#include "runners/cpp/push_socket.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/bound_pull.hpp"

namespace weir::runners {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

PushSocketOptions to(std::string endpoint) { return {std::move(endpoint), 50ms, 2000ms, 1000}; }

TEST_CASE("a push socket sends frames as they are", "[runners][push_socket]") {
  tests::BoundPull broker;
  PushSocket socket{to(broker.endpoint())};
  REQUIRE(socket.wait_ready(5s));
  CHECK(socket.send(""));
  CHECK(socket.send(std::string_view{"a\0b\n", 4}));
  CHECK(broker.receive() == std::string{});
  CHECK(broker.receive() == std::string{"a\0b\n", 4});
  const Flush flush = socket.close();
  CHECK(flush.complete);
  CHECK(flush.disconnects == 0);
  CHECK_FALSE(socket.send("late"));
}

TEST_CASE("what is not an endpoint is refused with its text", "[runners][push_socket]") {
  for (const char* endpoint : {"", "localhost:7071", "tcp://", "tcp://127.0.0.1", "nosuch://x:1"}) {
    INFO(endpoint);
    CHECK_THROWS_WITH(PushSocket{to(endpoint)}, Catch::Contains("'" + std::string{endpoint} + "'"));
  }
}

TEST_CASE("without a broker one send waits and the next ones do not", "[runners][push_socket]") {
  tests::DeadEndpoint nobody;
  PushSocketOptions options = to(nobody.endpoint());
  options.send_timeout = 300ms;
  PushSocket socket{options};
  const auto start = Clock::now();
  CHECK_FALSE(socket.send("1"));
  CHECK(Clock::now() - start >= 298ms);  // libzmq counts whole milliseconds
  for (int i = 0; i < 100; ++i) CHECK_FALSE(socket.send("2"));
  CHECK(Clock::now() - start < 10s);  // 30 s, had each of them waited
  CHECK_FALSE(socket.wait_ready(0ms));
  CHECK(socket.close().complete);
}

TEST_CASE("a broker that does not read fills the high water mark and no more",
          "[runners][push_socket]") {
  tests::BoundPull broker{1};
  PushSocketOptions options = to(broker.endpoint());
  options.high_water = 10;
  options.linger = 100ms;
  PushSocket socket{options};
  REQUIRE(socket.wait_ready(5s));
  const std::string frame(1 << 20, 'x');  // so that the system's buffers fill soon
  int sent = 0;
  while (sent < 1000 && socket.wait_ready(500ms)) sent += socket.send(frame) ? 1 : 0;
  CHECK(sent >= 10);
  CHECK(sent < 100);
  CHECK_FALSE(socket.close().complete);
}

TEST_CASE("a connection that breaks is counted", "[runners][push_socket]") {
  std::optional<tests::BoundPull> broker{std::in_place};
  PushSocket socket{to(broker->endpoint())};
  REQUIRE(socket.wait_ready(5s));
  CHECK(socket.send("1"));
  CHECK(broker->receive() == "1");
  broker.reset();
  const auto give_up = Clock::now() + 5s;
  while (socket.wait_ready(0ms) && Clock::now() < give_up) continue;
  CHECK_FALSE(socket.wait_ready(0ms));
  CHECK(socket.close().disconnects == 1);
}

// The frames that wait here are dropped with their connection, so that nothing is left to wait for.
TEST_CASE("a connection that breaks while close waits is a loss", "[runners][push_socket]") {
  std::optional<tests::BoundPull> broker{std::in_place, 1};
  PushSocketOptions options = to(broker->endpoint());
  options.linger = 30s;
  PushSocket socket{options};
  REQUIRE(socket.wait_ready(5s));
  const std::string frame(1 << 20, 'x');  // more of them than the system's buffers take
  for (int i = 0; i < 100; ++i) CHECK(socket.send(frame));
  const auto start = Clock::now();
  std::future<Flush> closing = std::async(std::launch::async, [&] { return socket.close(); });
  CHECK(closing.wait_for(300ms) == std::future_status::timeout);
  broker.reset();
  const Flush flush = closing.get();
  CHECK(Clock::now() - start < options.linger);
  CHECK(flush.disconnects == 1);
  CHECK_FALSE(flush.complete);
}

}  // namespace
}  // namespace weir::runners
