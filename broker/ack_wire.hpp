#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "schema/error.hpp"
#include "schema/time.hpp"

namespace weir::broker {

// What a sender of acknowledged batches says (docs/protocol.md, "Acked ingest"). Views into the
// frame.
struct Hello {
  std::string worker_id, run_id, token;
  std::uint64_t epoch = 0;
  std::uint64_t next_seq = 0;  // the oldest batch that it still has; 0: not said
};
struct AckedBatch {
  std::uint64_t seq = 0;
  std::string_view payload;
};
struct Ping {
  std::string_view cookie;
};
struct EndOfBatches {
  std::uint64_t last_seq = 0;
};
using AckRequest = std::variant<Hello, AckedBatch, Ping, EndOfBatches>;

// Reads the two frames of a request. Errors: not_json, not_object, missing_field, bad_type,
// out_of_range, unknown_type; the detail is for the sender.
schema::Result<AckRequest> decode_ack_request(std::string_view kind, std::string_view fields);

// The fields of the answers, whose kinds are W, A, p and N.
struct Welcome {
  std::uint64_t next_seq = 1;
  std::uint32_t credit = 0;
  std::uint64_t max_batch_bytes = 0;
  std::string_view durability;
};
std::string encode_welcome(const Welcome& welcome);
std::string encode_acknowledgement(std::uint64_t next_seq, std::uint32_t credit);
std::string encode_pong(std::string_view cookie, schema::Timestamp now);

enum class AckRefusal : std::uint8_t { malformed, too_large, out_of_order, retry_later, denied };
std::string_view to_string(AckRefusal code);
std::string encode_refusal(std::uint64_t seq, AckRefusal code, std::string_view message);

}  // namespace weir::broker
