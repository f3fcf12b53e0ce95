#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::runners {

// The fields of each kind of weir-ack/1 message, as docs/protocol.md has them. Numbers are
// big-endian. What comes from a broker is checked; a Result says what is wrong with it.

struct AckedHello {
  std::string worker_id;
  std::uint64_t epoch = 0;  // when the worker started, in microseconds since 1970
  std::string run_id;       // empty: none
  std::string token;        // empty: none
};

struct AckedWelcome {
  std::uint64_t next_seq = 0;
  std::uint32_t credit = 0;
  std::uint64_t max_batch_bytes = 0;
};

struct AckedAck {
  std::uint64_t next_seq = 0;  // every batch below is acknowledged
  std::uint32_t credit = 0;
};

struct AckedRefusal {
  std::uint64_t seq = 0;  // 0: not about a batch
  std::string code;
  std::string message;
};

// What comes before the payload of a batch.
inline constexpr std::size_t kAckedBatchHeader = 9;

// next_seq: the oldest batch that the worker still has.
std::string acked_hello(const AckedHello& hello, std::uint64_t next_seq);
// Writes the header of a batch into its first kAckedBatchHeader bytes, which are there already.
void write_acked_header(std::string& batch, std::uint64_t seq);
std::string acked_end(std::uint64_t last_seq);

schema::Result<AckedWelcome> read_acked_welcome(std::string_view fields);
schema::Result<AckedAck> read_acked_ack(std::string_view fields);
schema::Result<AckedRefusal> read_acked_refusal(std::string_view fields);

}  // namespace weir::runners
