#include "runners/cpp/acked_window.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

namespace weir::runners {
namespace {

using namespace std::chrono_literals;
using Kind = AckedWindow::Step::Kind;
using TimePoint = AckedWindow::TimePoint;

constexpr TimePoint kStart{};

// A window whose steps are carried out into a line of text: O (open), H (hello), E (end), and the
// payload of a batch, which is its seq.
class Driven {
 public:
  void add(int batches) {
    for (int i = 0; i < batches; ++i) {
      window.add(std::make_shared<const std::string>(std::to_string(window.end_seq())), 10);
    }
  }
  std::string steps(std::chrono::milliseconds at) {
    std::string said;
    for (auto step = window.next(kStart + at);; step = window.next(kStart + at)) {
      if (step.kind == Kind::wait) {
        until = step.until;
        return said;
      }
      if (step.kind == Kind::open) said += "O";
      if (step.kind == Kind::hello) said += "H";
      if (step.kind == Kind::end) said += "E";
      if (step.kind == Kind::batch) said += *step.batch;
    }
  }
  void welcome(std::uint64_t next_seq, std::uint32_t credit, std::chrono::milliseconds at = 0ms) {
    window.on_welcome({next_seq, credit, 1000}, kStart + at);
  }
  void ack(std::uint64_t next_seq, std::uint32_t credit, std::chrono::milliseconds at = 0ms) {
    window.on_ack({next_seq, credit}, kStart + at);
  }
  void refuse(std::uint64_t seq, const std::string& code, std::chrono::milliseconds at = 0ms) {
    window.on_refusal({seq, code, "why"}, kStart + at);
  }
  // Welcomed, with so many batches of which as many as the credit are sent.
  static Driven sent(int batches, std::uint32_t credit) {
    Driven driven;
    driven.add(batches);
    driven.steps(0ms);
    driven.welcome(1, credit);
    driven.steps(0ms);
    return driven;
  }

  AckedWindow window;
  TimePoint until;
};

TEST_CASE("batches are sent after the welcome, as many as the credit", "[runners][acked_window]") {
  Driven driven;
  driven.add(5);
  CHECK(driven.steps(0ms) == "H");
  CHECK_FALSE(driven.window.welcomed());
  driven.welcome(1, 2);
  CHECK(driven.window.welcomed());
  CHECK(driven.window.max_batch_bytes() == 1000);
  CHECK(driven.steps(0ms) == "12");
  driven.ack(2, 2);
  CHECK(driven.steps(0ms) == "3");
  driven.ack(4, 1);
  CHECK(driven.steps(0ms) == "4");
  driven.ack(5, 0);
  CHECK(driven.steps(0ms).empty());
  driven.ack(5, 9);
  CHECK(driven.steps(0ms) == "5");
  driven.ack(6, 9);
  CHECK(driven.window.settled());
  CHECK(driven.window.acknowledged() == 50);
  CHECK(driven.window.unacknowledged() == 0);
  CHECK(driven.window.held_bytes() == 0);
}

TEST_CASE("one acknowledgement may be for several batches, and come twice",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(4, 10);
  driven.ack(4, 10);
  driven.ack(2, 10);
  CHECK(driven.window.next_seq() == 4);
  CHECK(driven.window.acknowledged() == 30);
}

TEST_CASE("credit that shrinks below what is on its way only stops what is not",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(6, 4);
  driven.ack(2, 1);
  CHECK(driven.steps(0ms).empty());
  driven.ack(5, 1);
  CHECK(driven.steps(0ms) == "5");
}

TEST_CASE("a hello without an answer for a second is said again on a new connection",
          "[runners][acked_window]") {
  Driven driven;
  CHECK(driven.steps(0ms) == "H");
  CHECK(driven.until == kStart + 1s);
  CHECK(driven.steps(999ms).empty());
  CHECK(driven.steps(1000ms) == "OH");
  CHECK(driven.until == kStart + 2s);
}

TEST_CASE("two seconds without progress give up the connection, and what it carried is sent again",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(3, 10);
  CHECK(driven.until == kStart + 2s);
  driven.ack(2, 10, 1500ms);
  CHECK(driven.steps(3400ms).empty());
  driven.ack(2, 10, 3400ms);  // no progress
  CHECK(driven.steps(3500ms) == "OH");
  driven.welcome(2, 10, 3500ms);
  CHECK(driven.steps(3500ms) == "23");
}

TEST_CASE("batches that a new connection finds acknowledged are not sent again",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(3, 10);
  CHECK(driven.steps(2s) == "OH");
  driven.welcome(3, 10, 2s);
  CHECK(driven.window.acknowledged() == 20);
  CHECK(driven.steps(2s) == "3");
}

TEST_CASE("without anything unacknowledged no connection is given up", "[runners][acked_window]") {
  Driven driven = Driven::sent(1, 10);
  driven.ack(2, 10);
  CHECK(driven.steps(1h).empty());
  CHECK(driven.until == TimePoint::max());
  driven.add(1);
  CHECK(driven.steps(2h) == "2");
  CHECK(driven.until == kStart + 2h + 2s);
}

TEST_CASE("without credit the broker is asked again after two seconds", "[runners][acked_window]") {
  Driven driven;
  driven.add(1);
  driven.steps(0ms);
  driven.welcome(1, 0);
  CHECK(driven.steps(0ms).empty());
  CHECK(driven.steps(1999ms).empty());
  CHECK(driven.steps(2s) == "OH");
}

TEST_CASE("retry_later pauses from 100 ms doubling to a second, then everything is sent again",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(3, 10);
  auto now = 0ms;
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    driven.refuse(1, "retry_later", now);
    driven.refuse(2, "out_of_order", now);  // those behind it
    driven.refuse(3, "retry_later", now);
    CHECK(driven.steps(now + pause - 1ms).empty());
    CHECK(driven.until == kStart + now + pause);
    now += pause;
    CHECK(driven.steps(now) == "H");
    driven.refuse(3, "retry_later", now);  // late news of before the hello
    driven.welcome(1, 10, now);
    CHECK(driven.steps(now) == "123");
  }
  driven.ack(2, 10, now);
  driven.refuse(2, "retry_later", now);
  driven.steps(now);
  CHECK(driven.until == kStart + now + 100ms);
}

TEST_CASE("a hello that is to be said later is", "[runners][acked_window]") {
  Driven driven;
  CHECK(driven.steps(0ms) == "H");
  driven.refuse(0, "retry_later");
  CHECK(driven.steps(99ms).empty());
  CHECK(driven.steps(100ms) == "H");
}

TEST_CASE("a code of a later version costs a pause and no batch", "[runners][acked_window]") {
  Driven driven = Driven::sent(1, 10);
  driven.refuse(1, "tired");
  CHECK(driven.steps(100ms) == "H");
  driven.welcome(1, 10, 100ms);
  CHECK(driven.steps(100ms) == "1");
}

TEST_CASE("out_of_order means hello again, at once and then with pauses",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(3, 10);
  driven.refuse(1, "out_of_order");
  driven.refuse(2, "out_of_order");
  CHECK(driven.steps(0ms) == "H");
  driven.refuse(3, "out_of_order");
  CHECK(driven.steps(0ms).empty());
  driven.welcome(2, 10);
  CHECK(driven.steps(0ms) == "23");
  driven.refuse(2, "out_of_order");
  CHECK(driven.steps(0ms) == "H");  // there was progress
  driven.welcome(2, 10);
  CHECK(driven.steps(0ms) == "23");
  driven.refuse(2, "out_of_order");
  CHECK(driven.steps(0ms).empty());
  CHECK(driven.until == kStart + 100ms);
}

TEST_CASE("a batch that cannot be read counts as refused once the broker goes on behind it",
          "[runners][acked_window]") {
  for (const std::string& code : {std::string{"malformed"}, std::string{"too_large"}}) {
    Driven driven = Driven::sent(3, 10);
    driven.refuse(2, code);
    CHECK(driven.steps(0ms).empty());
    CHECK(driven.window.refused() == 0);
    driven.ack(4, 10);
    CHECK(driven.window.acknowledged() == 20);
    CHECK(driven.window.refused() == 10);
    const std::vector<RefusedBatch> refused = driven.window.take_refused();
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].seq == 2);
    CHECK(refused[0].messages == 10);
    CHECK(refused[0].why == code + ": why");
    CHECK(driven.window.take_refused().empty());
  }
}

TEST_CASE("a batch that is sent again after it was refused stays refused",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(2, 10);
  driven.refuse(1, "malformed");
  CHECK(driven.steps(2s) == "OH");
  driven.welcome(1, 10, 2s);  // that it was set aside was not yet on the disk
  CHECK(driven.steps(2s) == "12");
  driven.ack(3, 10, 2s);
  CHECK(driven.window.refused() == 10);
  CHECK(driven.window.acknowledged() == 10);
}

TEST_CASE("the refused batches that nobody asks for are bounded", "[runners][acked_window]") {
  Driven driven = Driven::sent(1001, 2000);
  for (std::uint64_t seq = 1; seq <= 1001; ++seq) driven.refuse(seq, "malformed");
  driven.ack(1002, 10);
  CHECK(driven.window.refused() == 10'010);
  CHECK(driven.window.take_refused().size() == AckedWindow::kRefusedKept);
}

TEST_CASE("denied is the end, with a reason", "[runners][acked_window]") {
  Driven driven = Driven::sent(2, 1);
  driven.refuse(0, "denied");
  CHECK(driven.window.failure() == "denied: why");
  driven.ack(2, 10);
  driven.welcome(1, 10);
  CHECK(driven.steps(1h).empty());
  CHECK(driven.window.unacknowledged() == 20);
}

TEST_CASE("a broker that lost what it had acknowledged, or has what was never sent, is an error",
          "[runners][acked_window]") {
  Driven lost = Driven::sent(3, 10);
  lost.ack(3, 10);
  CHECK(lost.steps(2s) == "OH");
  lost.welcome(1, 10, 2s);
  CHECK(lost.window.failure() == "the broker has lost batches 1 to 2, which it had acknowledged");

  Driven strange;
  strange.add(3);
  strange.steps(0ms);
  strange.welcome(2, 10);
  CHECK_FALSE(strange.window.failure().empty());
}

TEST_CASE("answers that nothing can answer are ignored", "[runners][acked_window]") {
  Driven driven = Driven::sent(3, 2);
  driven.ack(4, 10);  // was not sent
  driven.refuse(3, "malformed");
  driven.refuse(0, "too_large");
  driven.welcome(2, 10);  // nobody said hello
  CHECK(driven.window.next_seq() == 1);
  CHECK(driven.steps(0ms).empty());
}

TEST_CASE("the end is said once everything is sent, and again on a new connection",
          "[runners][acked_window]") {
  Driven driven = Driven::sent(3, 2);
  driven.window.finish();
  CHECK(driven.steps(0ms).empty());
  driven.ack(2, 2);
  CHECK(driven.steps(0ms) == "3E");
  CHECK(driven.window.last_seq() == 3);
  CHECK(driven.steps(2s) == "OH");
  driven.welcome(3, 2, 2s);
  CHECK(driven.steps(2s) == "3E");
  driven.ack(4, 2, 2s);
  CHECK(driven.window.settled());
  CHECK(driven.steps(3s).empty());
}

}  // namespace
}  // namespace weir::runners
