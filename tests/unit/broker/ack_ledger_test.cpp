#include "broker/ack_ledger.hpp"

#include <catch2/catch.hpp>

using weir::broker::AckLedger;
using weir::schema::ErrorCode;
using weir::schema::StoreBatch;
using weir::schema::Timestamp;
using Verdict = AckLedger::Verdict;

namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'795'000'000}};

AckLedger::Sender& must_greet(AckLedger& ledger, std::string_view worker, std::uint64_t epoch,
                              std::uint64_t oldest = 0) {
  const auto sender = ledger.hello(worker, epoch, oldest, kNow);
  REQUIRE(sender.has_value());
  return **sender;
}

std::vector<std::string> safe_until(AckLedger& ledger, std::uint64_t position) {
  std::vector<std::string> acknowledged;
  ledger.safe_until(position, [&](const AckLedger::Sender& sender) {
    acknowledged.push_back(sender.worker_id + " " + std::to_string(sender.acked));
  });
  return acknowledged;
}

}  // namespace

TEST_CASE("batches are taken once each and in order", "[broker][ack_ledger]") {
  AckLedger ledger(10);
  AckLedger::Sender& sender = must_greet(ledger, "w", 5);
  CHECK(AckLedger::judge(sender, 2) == Verdict::out_of_order);
  CHECK(AckLedger::judge(sender, 1) == Verdict::take);
  ledger.taken(sender, 7, kNow);
  CHECK(AckLedger::judge(sender, 1) == Verdict::duplicate);
  CHECK(AckLedger::judge(sender, 2) == Verdict::take);
}

TEST_CASE("a batch is acknowledged when its position is safe, not before", "[broker][ack_ledger]") {
  AckLedger ledger(10);
  AckLedger::Sender& a = must_greet(ledger, "a", 5);
  AckLedger::Sender& b = must_greet(ledger, "b", 5);
  ledger.taken(a, 1, kNow);
  ledger.taken(b, 2, kNow);
  ledger.taken(a, 3, kNow);
  CHECK(a.acked == 1);
  CHECK(safe_until(ledger, 2) == std::vector<std::string>{"a 2", "b 2"});
  CHECK(ledger.waiting() == 1);
  CHECK(safe_until(ledger, 3) == std::vector<std::string>{"a 3"});
  ledger.taken(b, 3, kNow);
  CHECK(b.acked == 3);
}

TEST_CASE("a batch that nothing has to happen for is safe at once", "[broker][ack_ledger]") {
  AckLedger ledger(10);
  AckLedger::Sender& sender = must_greet(ledger, "w", 5);
  ledger.taken(sender, 0, kNow);
  CHECK(sender.acked == 2);
  CHECK(ledger.waiting() == 0);
}

TEST_CASE("a sender that starts again starts its batches again", "[broker][ack_ledger]") {
  AckLedger ledger(10);
  ledger.taken(must_greet(ledger, "w", 5), 1, kNow);
  AckLedger::Sender& again = must_greet(ledger, "w", 6);
  CHECK(again.next_seq == 1);
  CHECK(safe_until(ledger, 1).empty());  // what waited was of the older one
  CHECK(again.acked == 1);
  const auto older = ledger.hello("w", 5, 0, kNow);
  REQUIRE_FALSE(older.has_value());
  CHECK(older.error().code == ErrorCode::out_of_range);
}

TEST_CASE("what was stored goes on, and what the journal has besides is counted once",
          "[broker][ack_ledger]") {
  AckLedger ledger(10);
  ledger.restore({{"w", 5, 4, kNow}});
  CHECK_FALSE(ledger.replayed("w", 5, 3, kNow));
  CHECK(ledger.replayed("w", 5, 4, kNow));
  CHECK_FALSE(ledger.replayed("w", 5, 4, kNow));
  CHECK_FALSE(ledger.replayed("w", 4, 9, kNow));
  CHECK(ledger.replayed("w", 6, 1, kNow));
  CHECK(ledger.replayed("new", 1, 1, kNow));
  CHECK(ledger.lost() == 0);
  const AckLedger::Sender& sender = must_greet(ledger, "w", 6);
  CHECK(sender.next_seq == 2);
  CHECK(sender.acked == 2);
}

TEST_CASE("acknowledged batches that are gone are counted, and do not stand in the way",
          "[broker][ack_ledger]") {
  AckLedger ledger(10);
  ledger.restore({{"a", 5, 4, kNow}, {"b", 5, 4, kNow}});
  CHECK(ledger.replayed("a", 5, 6, kNow));  // 4 and 5 were in a damaged part of the journal
  CHECK(ledger.lost() == 2);
  CHECK(must_greet(ledger, "b", 5, 5).next_seq == 5);  // 4 was, and b knows it to be acknowledged
  CHECK(ledger.lost() == 3);
  CHECK(must_greet(ledger, "new here", 5, 100).next_seq == 100);  // another store has the others
  CHECK(ledger.lost() == 3);
}

TEST_CASE(
    "a sender that was forgotten after the mark and came back with an earlier epoch is counted",
    "[broker][ack_ledger]") {
  AckLedger ledger(10);
  ledger.restore({{"w", 5, 4, kNow}});
  CHECK(ledger.replayed("w", 3, 1, kNow));
  CHECK(ledger.replayed("w", 3, 2, kNow));
  CHECK_FALSE(ledger.replayed("w", 3, 2, kNow));
  CHECK_FALSE(ledger.replayed("w", 2, 1, kNow));
  CHECK(ledger.lost() == 0);
  CHECK(must_greet(ledger, "w", 3).next_seq == 3);
}

TEST_CASE("a later epoch whose first batches are gone goes on, and they are counted as lost",
          "[broker][ack_ledger]") {
  AckLedger ledger(10);
  ledger.restore({{"w", 5, 4, kNow}});
  CHECK(must_greet(ledger, "w", 6, 3).next_seq == 3);
  CHECK(ledger.lost() == 2);
}

TEST_CASE("a hello that is refused leaves nothing behind", "[broker][ack_ledger]") {
  AckLedger ledger(1);
  const std::uint64_t absurd = (std::uint64_t{1} << 62U) + 1;
  CHECK_FALSE(ledger.hello("w", 1, absurd, kNow).has_value());
  CHECK(ledger.senders() == 0);
  must_greet(ledger, "w", 5);
  CHECK_FALSE(ledger.hello("w", 6, absurd, kNow).has_value());
  CHECK(ledger.find("w")->epoch == 5);
}

TEST_CASE("marks are given once after each change", "[broker][ack_ledger]") {
  AckLedger ledger(10);
  ledger.taken(must_greet(ledger, "w", 5), 1, kNow);
  StoreBatch batch;
  ledger.take_marks(batch);
  CHECK(batch.marks == std::vector<weir::schema::MarkRecord>{{"w", 5, 2, kNow}});
  StoreBatch later;
  ledger.take_marks(later);
  CHECK(later.marks.empty());
}

TEST_CASE("a full ledger forgets who was silent for a day, and nobody else",
          "[broker][ack_ledger]") {
  AckLedger ledger(2);
  must_greet(ledger, "a", 1);
  REQUIRE(ledger.hello("b", 1, 0, kNow + std::chrono::hours{1}).has_value());
  const auto refused = ledger.hello("c", 1, 0, kNow + std::chrono::hours{23});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::limit_workers);
  CHECK(ledger.hello("c", 1, 0, kNow + std::chrono::hours{24}).has_value());
  CHECK(ledger.senders() == 2);
  CHECK(ledger.find("a") == nullptr);
  StoreBatch batch;
  ledger.take_marks(batch);
  CHECK(batch.forgotten_senders == std::vector<std::string>{"a"});
  CHECK(batch.marks.size() == 2);
}
