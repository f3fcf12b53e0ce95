#include "runners/cpp/acked_wire_json.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

namespace weir::runners {
namespace {

using nlohmann::json;
using schema::ErrorCode;

constexpr std::size_t kTextBytes = 1000;  // of a broker's words, what is kept

template <class Number>
void write_big_endian(Number number, char* to) {
  for (std::size_t i = sizeof number; i-- > 0; number >>= 8) to[i] = static_cast<char>(number);
}

template <class Number>
Number read_big_endian(std::string_view bytes) {
  Number number = 0;
  for (const char byte : bytes.substr(0, sizeof number)) {
    number = static_cast<Number>(number << 8 | static_cast<unsigned char>(byte));
  }
  return number;
}

json parse_object(std::string_view text) {
  json object = json::parse(text, nullptr, false);
  return object.is_object() ? object : json{};
}

std::optional<std::uint64_t> number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string()
             ? found->get<std::string>().substr(0, kTextBytes)
             : std::string{};
}

}  // namespace

std::string acked_hello(const AckedHello& hello, std::uint64_t next_seq) {
  json object{{"proto", "weir-ack/1"},
              {"worker_id", hello.worker_id},
              {"epoch", hello.epoch},
              {"next_seq", next_seq}};
  if (!hello.run_id.empty()) object["run_id"] = hello.run_id;
  if (!hello.token.empty()) object["token"] = hello.token;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

void write_acked_header(std::string& batch, std::uint64_t seq) {
  write_big_endian(seq, batch.data());
  batch[sizeof seq] = 0;  // the only codec there is: the payload as it is
}

std::string acked_end(std::uint64_t last_seq) {
  std::string fields(sizeof last_seq, '\0');
  write_big_endian(last_seq, fields.data());
  return fields;
}

schema::Result<AckedWelcome> read_acked_welcome(std::string_view fields) {
  const json object = parse_object(fields);
  const auto next_seq = number_at(object, "next_seq");
  const auto credit = number_at(object, "credit");
  const auto max_batch_bytes = number_at(object, "max_batch_bytes");
  if (!next_seq || !credit || !max_batch_bytes || *next_seq == 0 || *max_batch_bytes == 0) {
    return schema::fail(ErrorCode::missing_field, "a welcome without next_seq, credit or size");
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return AckedWelcome{*next_seq, static_cast<std::uint32_t>(std::min(*credit, kMost)),
                      *max_batch_bytes};
}

schema::Result<AckedAck> read_acked_ack(std::string_view fields) {
  if (fields.size() != sizeof(std::uint64_t) + sizeof(std::uint32_t)) {
    return schema::fail(ErrorCode::bad_type, "an acknowledgement has 12 bytes");
  }
  return AckedAck{read_big_endian<std::uint64_t>(fields),
                  read_big_endian<std::uint32_t>(fields.substr(sizeof(std::uint64_t)))};
}

schema::Result<AckedRefusal> read_acked_refusal(std::string_view fields) {
  const json object = parse_object(fields);
  AckedRefusal refusal{number_at(object, "seq").value_or(0), text_at(object, "code"),
                       text_at(object, "message")};
  if (refusal.code.empty()) return schema::fail(ErrorCode::missing_field, "a refusal without code");
  return refusal;
}

}  // namespace weir::runners
