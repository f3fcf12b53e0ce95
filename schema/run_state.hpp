#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::schema {

enum class RunState : std::uint8_t {
  created,
  validated,
  queued,
  initializing,
  running,
  finished,
  timed_out,
  aborted_by_user,
  aborted_by_system,
  aborted_by_script_error,
  aborted_by_threshold,
  aborted_by_limit,
  archived,
};

enum class RunResult : std::uint8_t { passed, failed };

std::string_view to_string(RunState state);
std::string_view to_string(RunResult result);
std::optional<RunState> parse_run_state(std::string_view text);
std::optional<RunResult> parse_run_result(std::string_view text);

// Whether a run in this state takes no more messages, except late ones.
bool has_ended(RunState state);

}  // namespace weir::schema
