#include "schema/run_state.hpp"

#include <array>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

using namespace weir::schema;

namespace {

struct StateCase {
  RunState state;
  std::string_view name;
  bool ended;
};

constexpr std::array kCases{
    StateCase{RunState::created, "created", false},
    StateCase{RunState::validated, "validated", false},
    StateCase{RunState::queued, "queued", false},
    StateCase{RunState::initializing, "initializing", false},
    StateCase{RunState::running, "running", false},
    StateCase{RunState::finished, "finished", true},
    StateCase{RunState::timed_out, "timed_out", true},
    StateCase{RunState::aborted_by_user, "aborted_by_user", true},
    StateCase{RunState::aborted_by_system, "aborted_by_system", true},
    StateCase{RunState::aborted_by_script_error, "aborted_by_script_error", true},
    StateCase{RunState::aborted_by_threshold, "aborted_by_threshold", true},
    StateCase{RunState::aborted_by_limit, "aborted_by_limit", true},
    StateCase{RunState::archived, "archived", true},
};

}  // namespace

TEST_CASE("run states have the names of the contract, both ways", "[schema][run_state]") {
  for (const StateCase& expected : kCases) {
    INFO(expected.name);
    CHECK(to_string(expected.state) == expected.name);
    CHECK(parse_run_state(expected.name) == expected.state);
    CHECK(has_ended(expected.state) == expected.ended);
  }
}

TEST_CASE("other texts are no run state", "[schema][run_state]") {
  for (const std::string_view text : {"", "Running", "running ", "aborted", "unknown"}) {
    INFO(text);
    CHECK_FALSE(parse_run_state(text).has_value());
  }
}

TEST_CASE("a run result is passed or failed", "[schema][run_state]") {
  CHECK(to_string(RunResult::passed) == "passed");
  CHECK(to_string(RunResult::failed) == "failed");
  CHECK(parse_run_result("passed") == RunResult::passed);
  CHECK(parse_run_result("failed") == RunResult::failed);
  CHECK_FALSE(parse_run_result("PASSED").has_value());
  CHECK_FALSE(parse_run_result("").has_value());
}
