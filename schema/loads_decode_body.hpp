#pragma once

#include <cstdint>
#include <string_view>

#include "schema/loads_decode_reader.hpp"
#include "schema/message.hpp"

namespace weir::schema::loads {

inline constexpr std::int64_t kMaxStatus = 999;
inline constexpr std::int64_t kMaxBytes = std::int64_t{1} << 53;

// The order in which the parts of a batch apply, since it does not keep that of the events.
enum class Phase : std::uint8_t { start_run, start_test, event, outcome, stop_test, stop_run };
inline constexpr auto kPhases = {Phase::start_run, Phase::start_test, Phase::event,
                                 Phase::outcome,   Phase::stop_test,  Phase::stop_run};

// The phase of a data_type; unknown ones are counters and so events.
Phase phase_of(std::string_view data_type);

// What a data_type's body is made of.
enum class BodyKind : std::uint8_t {
  hit,
  start_test,
  stop_test,
  add_success,
  bad_outcome,  // addFailure, addError
  socket_open,
  socket_close,
  socket_message,
  start_run,
  stop_run,
  counter,
  none,  // neither a data_type nor a name for a counter
};
BodyKind body_kind(std::string_view data_type);

// Reads the body of a message of this data_type into `body`, or leaves a refusal in the reader.
void read_body(std::string_view data_type, Reader& reader, Body& body);

}  // namespace weir::schema::loads
