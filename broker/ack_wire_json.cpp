#include <nlohmann/json.hpp>

#include "broker/ack_wire.hpp"
#include "schema/ids.hpp"

namespace weir::broker {

using Json = nlohmann::ordered_json;
using schema::ErrorCode;
using schema::fail;
using schema::Result;

namespace {

constexpr std::string_view kProtocol = "weir-ack/1";
constexpr std::size_t kPingBytes = 8;
constexpr std::size_t kBatchHeader = 9;  // seq and codec
constexpr std::size_t kHelloBytes = 4'096;
constexpr std::size_t kTokenBytes = 256;
// What SQLite can hold.
constexpr std::uint64_t kLargest = (std::uint64_t{1} << 63U) - 1;

std::uint64_t read_u64(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

template <class Integer>
void add_big_endian(std::string& out, Integer value) {
  for (unsigned shift = sizeof value * 8; shift > 0;) {
    shift -= 8;
    out += static_cast<char>(value >> shift & 0xFFU);
  }
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::string> text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::string{};
  if (!found->is_string()) return fail(ErrorCode::bad_type, std::string(key) + ": must be a text");
  return found->get<std::string>();
}

// 0 if it is not there.
Result<std::uint64_t> number_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::uint64_t{0};
  if (!found->is_number_unsigned()) {
    return fail(ErrorCode::bad_type, std::string(key) + ": must be a whole number, not negative");
  }
  const auto value = found->get<std::uint64_t>();
  if (value > kLargest) return fail(ErrorCode::out_of_range, std::string(key) + ": too large");
  return value;
}

Result<Hello> decode_hello(std::string_view text) {
  if (text.size() > kHelloBytes) return fail(ErrorCode::too_large, "the hello is too large");
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::not_json, "the hello is not JSON");
  if (!json.is_object()) return fail(ErrorCode::not_object, "the hello is not a JSON object");
  const auto proto = text_of(json, "proto");
  const auto worker_id = text_of(json, "worker_id");
  const auto run_id = text_of(json, "run_id");
  const auto token = text_of(json, "token");
  const auto epoch = number_of(json, "epoch");
  const auto next_seq = number_of(json, "next_seq");
  for (const auto* field : {&proto, &worker_id, &run_id, &token}) {
    if (!*field) return tl::make_unexpected(field->error());
  }
  for (const auto* number : {&epoch, &next_seq}) {
    if (!*number) return tl::make_unexpected(number->error());
  }
  if (*proto != kProtocol) {
    return fail(ErrorCode::unknown_type, "proto: this broker speaks weir-ack/1");
  }
  // Where an id may stand, Python's None is none.
  if (worker_id->empty() || *worker_id == "None") {
    return fail(ErrorCode::missing_field, "worker_id is missing");
  }
  if (*epoch == 0) return fail(ErrorCode::missing_field, "epoch is missing");
  if (!schema::is_valid_id(*worker_id)) {
    return fail(ErrorCode::out_of_range, "worker_id: not an id");
  }
  if (!run_id->empty() && !schema::is_valid_id(*run_id)) {
    return fail(ErrorCode::out_of_range, "run_id: not an id");
  }
  if (token->size() > kTokenBytes) return fail(ErrorCode::out_of_range, "token: too long");
  return Hello{*worker_id, *run_id, *token, *epoch, *next_seq};
}

Result<AckRequest> decode_batch(std::string_view fields) {
  if (fields.size() < kBatchHeader) return fail(ErrorCode::missing_field, "B: too short");
  const AckedBatch batch{read_u64(fields), fields.substr(kBatchHeader)};
  if (fields[kBatchHeader - 1] != 0) return fail(ErrorCode::unknown_type, "B: codec must be 0");
  if (batch.seq == 0 || batch.seq > kLargest) return fail(ErrorCode::out_of_range, "B: seq");
  return batch;
}

}  // namespace

Result<AckRequest> decode_ack_request(std::string_view kind, std::string_view fields) {
  if (kind == "H") {
    auto hello = decode_hello(fields);
    if (!hello) return tl::make_unexpected(hello.error());
    return std::move(*hello);
  }
  if (kind == "B") return decode_batch(fields);
  if (kind == "P") {
    if (fields.size() != kPingBytes) return fail(ErrorCode::bad_type, "P: must be 8 bytes");
    return Ping{fields};
  }
  if (kind == "E") {
    if (fields.size() != 8) return fail(ErrorCode::bad_type, "E: must be 8 bytes");
    return EndOfBatches{read_u64(fields)};
  }
  return fail(ErrorCode::unknown_type, "the first frame must be H, B, P or E");
}

std::string encode_welcome(const Welcome& welcome) {
  return dump({{"next_seq", welcome.next_seq},
               {"credit", welcome.credit},
               {"max_batch_bytes", welcome.max_batch_bytes},
               {"durability", welcome.durability}});
}

std::string encode_acknowledgement(std::uint64_t next_seq, std::uint32_t credit) {
  std::string fields;
  add_big_endian(fields, next_seq);
  add_big_endian(fields, credit);
  return fields;
}

std::string encode_pong(std::string_view cookie, schema::Timestamp now) {
  std::string fields{cookie};
  add_big_endian(fields, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  return fields;
}

std::string_view to_string(AckRefusal code) {
  switch (code) {
    case AckRefusal::malformed:
      return "malformed";
    case AckRefusal::too_large:
      return "too_large";
    case AckRefusal::out_of_order:
      return "out_of_order";
    case AckRefusal::retry_later:
      return "retry_later";
    case AckRefusal::denied:
      return "denied";
  }
  return "denied";
}

std::string encode_refusal(std::uint64_t seq, AckRefusal code, std::string_view message) {
  return dump({{"seq", seq}, {"code", to_string(code)}, {"message", message}});
}

}  // namespace weir::broker
