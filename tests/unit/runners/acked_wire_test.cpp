#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runners/cpp/acked_wire_json.hpp"

namespace weir::runners {
namespace {

using nlohmann::json;

TEST_CASE("a hello says who, since when, and what it still has", "[runners][acked_wire]") {
  CHECK(json::parse(acked_hello({"w", 1795291212250000, {}, {}}, 3)) ==
        json{{"proto", "weir-ack/1"},
             {"worker_id", "w"},
             {"epoch", 1795291212250000},
             {"next_seq", 3}});
  const json full = json::parse(acked_hello({"w", 1, "r", "secret"}, 1));
  CHECK(full.at("run_id") == "r");
  CHECK(full.at("token") == "secret");
}

TEST_CASE("numbers of a batch and an end are big-endian", "[runners][acked_wire]") {
  std::string batch(kAckedBatchHeader, '?');
  batch += "{}";
  write_acked_header(batch, 0x0102030405060708);
  CHECK(batch == std::string{"\1\2\3\4\5\6\7\10\0{}", 11});
  CHECK(acked_end(258) == std::string{"\0\0\0\0\0\0\1\2", 8});
}

TEST_CASE("answers of a broker are read", "[runners][acked_wire]") {
  const auto welcome = read_acked_welcome(
      R"({"next_seq":5,"credit":64,"max_batch_bytes":1048576,"durability":"disk","more":[]})");
  REQUIRE(welcome);
  CHECK(welcome->next_seq == 5);
  CHECK(welcome->credit == 64);
  CHECK(welcome->max_batch_bytes == 1048576);
  const auto ack = read_acked_ack(std::string{"\0\0\0\0\0\0\1\2\377\0\0\1", 12});
  REQUIRE(ack);
  CHECK(ack->next_seq == 258);
  CHECK(ack->credit == 0xff000001);
  const auto refusal = read_acked_refusal(R"({"seq":7,"code":"malformed","message":"m"})");
  REQUIRE(refusal);
  CHECK(refusal->seq == 7);
  CHECK(refusal->code == "malformed");
  CHECK(refusal->message == "m");
  CHECK(read_acked_refusal(R"({"code":"denied"})")->seq == 0);
  CHECK(read_acked_refusal(json{{"code", "denied"}, {"message", std::string(5000, 'x')}}.dump())
            ->message.size() == 1000);
}

TEST_CASE("answers that are not of the protocol are refused", "[runners][acked_wire]") {
  for (const std::string bad :
       {"", "[]", "{", "null", R"({"next_seq":1,"credit":1})", R"({"next_seq":0,"credit":1})",
        R"({"next_seq":-1,"credit":1,"max_batch_bytes":1})",
        R"({"next_seq":1.5,"credit":1,"max_batch_bytes":1})",
        R"({"next_seq":0,"credit":1,"max_batch_bytes":1})",
        R"({"next_seq":1,"credit":1,"max_batch_bytes":0})",
        R"({"next_seq":"1","credit":1,"max_batch_bytes":1})"}) {
    INFO(bad);
    CHECK_FALSE(read_acked_welcome(bad));
  }
  CHECK_FALSE(read_acked_ack(std::string(11, '\0')));
  CHECK_FALSE(read_acked_ack(std::string(13, '\0')));
  CHECK_FALSE(read_acked_refusal("{}"));
  CHECK_FALSE(read_acked_refusal(R"({"code":5})"));
}

}  // namespace
}  // namespace weir::runners
