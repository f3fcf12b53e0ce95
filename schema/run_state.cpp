#include "schema/run_state.hpp"

#include <array>
#include <utility>

namespace weir::schema {
namespace {

using Name = std::pair<RunState, std::string_view>;
constexpr std::array kStates{
    Name{RunState::created, "created"},
    Name{RunState::validated, "validated"},
    Name{RunState::queued, "queued"},
    Name{RunState::initializing, "initializing"},
    Name{RunState::running, "running"},
    Name{RunState::finished, "finished"},
    Name{RunState::timed_out, "timed_out"},
    Name{RunState::aborted_by_user, "aborted_by_user"},
    Name{RunState::aborted_by_system, "aborted_by_system"},
    Name{RunState::aborted_by_script_error, "aborted_by_script_error"},
    Name{RunState::aborted_by_threshold, "aborted_by_threshold"},
    Name{RunState::aborted_by_limit, "aborted_by_limit"},
    Name{RunState::archived, "archived"},
};

}  // namespace

std::string_view to_string(RunState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "unknown";
}

std::string_view to_string(RunResult result) {
  return result == RunResult::passed ? "passed" : "failed";
}

std::optional<RunState> parse_run_state(std::string_view text) {
  for (const auto& [value, name] : kStates) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::optional<RunResult> parse_run_result(std::string_view text) {
  if (text == "passed") return RunResult::passed;
  if (text == "failed") return RunResult::failed;
  return std::nullopt;
}

bool has_ended(RunState state) { return state >= RunState::finished; }

}  // namespace weir::schema
