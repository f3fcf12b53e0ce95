#include "broker/ack_wire.hpp"

#include <catch2/catch.hpp>

#include "broker/journal_key.hpp"

using namespace weir::broker;
using weir::schema::ErrorCode;
using weir::schema::Timestamp;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

template <class Request>
Request must_decode(std::string_view kind, std::string_view fields) {
  const auto decoded = decode_ack_request(kind, fields);
  INFO((decoded ? "" : decoded.error().detail));
  REQUIRE(decoded.has_value());
  REQUIRE(std::holds_alternative<Request>(*decoded));
  return std::get<Request>(*decoded);
}

ErrorCode refusal(std::string_view kind, std::string_view fields) {
  const auto decoded = decode_ack_request(kind, fields);
  INFO(kind << " " << fields);
  REQUIRE_FALSE(decoded.has_value());
  CHECK_FALSE(decoded.error().detail.empty());
  return decoded.error().code;
}

}  // namespace

TEST_CASE("a hello says who speaks, since when, and from where on", "[broker][ack_wire]") {
  const auto hello = must_decode<Hello>(
      "H", R"({"proto":"weir-ack/1","worker_id":"w","epoch":17,"run_id":"r","token":"t",)"
           R"("next_seq":3,"something":[1]})");
  CHECK(hello.worker_id == "w");
  CHECK(hello.run_id == "r");
  CHECK(hello.token == "t");
  CHECK(hello.epoch == 17);
  CHECK(hello.next_seq == 3);
  const auto least =
      must_decode<Hello>("H", R"({"proto":"weir-ack/1","worker_id":"w","epoch":1,"run_id":null})");
  CHECK(least.run_id.empty());
  CHECK(least.next_seq == 0);
}

TEST_CASE("numbers are big-endian", "[broker][ack_wire]") {
  const std::string fields = bytes({0, 0, 0, 0, 0, 0, 1, 2, 0}) + "payload";
  const auto batch = must_decode<AckedBatch>("B", fields);
  CHECK(batch.seq == 258);
  CHECK(batch.payload == "payload");
  CHECK(must_decode<EndOfBatches>("E", bytes({0, 0, 0, 0, 0, 0, 0, 9})).last_seq == 9);
  CHECK(must_decode<Ping>("P", "12345678").cookie == "12345678");
  CHECK(encode_acknowledgement(258, 64) == bytes({0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 64}));
  CHECK(encode_pong("12345678", Timestamp{std::chrono::microseconds{258}}) ==
        "12345678" + bytes({0, 0, 0, 0, 0, 0, 1, 2}));
}

TEST_CASE("answers in words have their keys", "[broker][ack_wire]") {
  CHECK(encode_welcome({4, 64, 1'000, "disk"}) ==
        R"({"next_seq":4,"credit":64,"max_batch_bytes":1000,"durability":"disk"})");
  CHECK(encode_refusal(4, AckRefusal::retry_later, "no \"space\"\xff") ==
        "{\"seq\":4,\"code\":\"retry_later\",\"message\":\"no \\\"space\\\"\xef\xbf\xbd\"}");
}

TEST_CASE("what is not of the protocol is refused with a reason", "[broker][ack_wire]") {
  CHECK(refusal("X", "") == ErrorCode::unknown_type);
  CHECK(refusal("", "") == ErrorCode::unknown_type);
  CHECK(refusal("HH", "{}") == ErrorCode::unknown_type);
  CHECK(refusal("B", "short") == ErrorCode::missing_field);
  CHECK(refusal("B", bytes({0, 0, 0, 0, 0, 0, 0, 0, 0})) == ErrorCode::out_of_range);
  CHECK(refusal("B", bytes({128, 0, 0, 0, 0, 0, 0, 0, 0})) == ErrorCode::out_of_range);
  CHECK(refusal("B", bytes({0, 0, 0, 0, 0, 0, 0, 1, 1})) == ErrorCode::unknown_type);
  CHECK(refusal("P", "1234567") == ErrorCode::bad_type);
  CHECK(refusal("E", "123456789") == ErrorCode::bad_type);
  CHECK(refusal("H", "{") == ErrorCode::not_json);
  CHECK(refusal("H", "[]") == ErrorCode::not_object);
  CHECK(refusal("H", R"({"worker_id":"w","epoch":1})") == ErrorCode::unknown_type);
  CHECK(refusal("H", R"({"proto":"weir-ack/2","worker_id":"w","epoch":1})") ==
        ErrorCode::unknown_type);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","epoch":1})") == ErrorCode::missing_field);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":"w"})") == ErrorCode::missing_field);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":7,"epoch":1})") == ErrorCode::bad_type);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":"w","epoch":-1})") ==
        ErrorCode::bad_type);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":"w","epoch":1e300})") ==
        ErrorCode::bad_type);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":"w","epoch":9223372036854775808})") ==
        ErrorCode::out_of_range);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":"a/b","epoch":1})") ==
        ErrorCode::out_of_range);
  CHECK(refusal("H", R"({"proto":"weir-ack/1","worker_id":"w","epoch":1,"run_id":"a\u0007"})") ==
        ErrorCode::out_of_range);
  CHECK(refusal("H", std::string(5'000, '[')) == ErrorCode::too_large);
}

TEST_CASE("a journal key comes back as it was", "[broker][journal_key]") {
  const std::string key = encode_journal_key({~std::uint64_t{0}, 258, "worker", "run"});
  const auto decoded = decode_journal_key(key);
  REQUIRE(decoded);
  CHECK(decoded->epoch == ~std::uint64_t{0});
  CHECK(decoded->seq == 258);
  CHECK(decoded->worker_id == "worker");
  CHECK(decoded->run_id == "run");
  for (std::size_t cut = 0; cut < 17 + 6; ++cut)
    CHECK_FALSE(decode_journal_key(key.substr(0, cut)));
  CHECK(decode_journal_key(key.substr(0, 17 + 6))->run_id.empty());
}
