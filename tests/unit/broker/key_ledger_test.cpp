#include "broker/key_ledger.hpp"

#include <catch2/catch.hpp>

using namespace weir;
using weir::broker::KeyLedger;

namespace {

schema::KeyRecord key(const std::string& name, std::uint64_t accepted = 1) {
  return {.key = name, .fingerprint = 7, .accepted = accepted};
}

std::vector<std::string> names(const std::vector<schema::KeyRecord>& keys) {
  std::vector<std::string> names;
  for (const auto& record : keys) names.push_back(record.key);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a key is known with what became of it and where", "[broker][key_ledger]") {
  KeyLedger ledger{10};
  CHECK(ledger.find("a") == nullptr);
  ledger.add(key("a", 3), 42);
  REQUIRE(ledger.find("a") != nullptr);
  CHECK(ledger.find("a")->record.accepted == 3);
  CHECK(ledger.find("a")->position == 42);
}

TEST_CASE("beyond the limit the oldest key is forgotten", "[broker][key_ledger]") {
  KeyLedger ledger{2};
  ledger.restore({key("old"), key("older than new")});
  ledger.add(key("new"), 1);
  CHECK(ledger.find("old") == nullptr);
  CHECK(ledger.find("new") != nullptr);
  CHECK(ledger.size() == 2);
}

TEST_CASE("what changed is taken once", "[broker][key_ledger]") {
  KeyLedger ledger{2};
  ledger.restore({key("a"), key("b")});
  schema::StoreBatch nothing;
  ledger.take_keys(nothing);
  CHECK(nothing.keys.empty());
  CHECK(nothing.forgotten_keys.empty());
  ledger.add(key("c"), 1);
  schema::StoreBatch batch;
  ledger.take_keys(batch);
  CHECK(names(batch.keys) == Names{"c"});
  CHECK(batch.forgotten_keys == Names{"a"});
  schema::StoreBatch again;
  ledger.take_keys(again);
  CHECK(again.keys.empty());
}

TEST_CASE("a key that was forgotten before it was stored is never stored", "[broker][key_ledger]") {
  KeyLedger ledger{1};
  ledger.add(key("a"), 1);
  ledger.add(key("b"), 2);
  schema::StoreBatch batch;
  ledger.take_keys(batch);
  CHECK(names(batch.keys) == Names{"b"});
  CHECK(batch.forgotten_keys == Names{"a"});
}

TEST_CASE("a limit of none remembers none", "[broker][key_ledger]") {
  KeyLedger ledger{0};
  ledger.add(key("a"), 1);
  CHECK(ledger.find("a") == nullptr);
}
