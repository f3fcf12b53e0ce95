#include "store/failpoint.hpp"

#include <csignal>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace weir::store;

namespace {

// How a process ends that passes `point` so often: the signal, or 0 if it lives.
int signal_after(const char* setting, Failpoint point, int passes) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!arm_failpoints(setting)) ::_exit(1);
    for (int i = 0; i < passes; ++i) failpoint(point);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return WTERMSIG(status);
  CHECK(WEXITSTATUS(status) == 0);
  return 0;
}

}  // namespace

TEST_CASE("an armed failpoint kills at its n-th pass and at no other", "[store][failpoint]") {
  CHECK(signal_after("journal_synced:3", Failpoint::journal_synced, 2) == 0);
  CHECK(signal_after("journal_synced:3", Failpoint::journal_synced, 3) == SIGKILL);
  CHECK(signal_after("journal_synced:1", Failpoint::journal_written, 5) == 0);
  CHECK(signal_after("ack:1", Failpoint::ack, 1) == SIGKILL);
  CHECK(signal_after("checkpointed:1", Failpoint::checkpointed, 1) == SIGKILL);
  CHECK(signal_after("", Failpoint::journal_write, 5) == 0);
  CHECK(signal_after(nullptr, Failpoint::journal_write, 5) == 0);
}

TEST_CASE("a failpoint that does not exist is refused by name", "[store][failpoint]") {
  for (const char* setting : {"journal_sync:1", "ack", "ack:", "ack:0", "ack:-1", "ack:1x", ":1"}) {
    INFO(setting);
    const auto armed = arm_failpoints(setting);
    REQUIRE_FALSE(armed.has_value());
    CHECK(armed.error().code == weir::schema::ErrorCode::invalid_setting);
    CHECK_THAT(armed.error().detail, Catch::Contains(setting) && Catch::Contains("journal_synced"));
  }
  failpoint(Failpoint::ack);  // and nothing is armed
}
