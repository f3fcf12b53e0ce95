#include "store/failpoint.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <string>
#include <string_view>

#include <unistd.h>

namespace weir::store {
namespace {

constexpr std::array<std::string_view, 7> kNames{
    "journal_write", "journal_written", "journal_synced", "segment_created",
    "ack",           "checkpoint",      "checkpointed"};
static_assert(kNames.size() == static_cast<std::size_t>(Failpoint::checkpointed) + 1);

// Passes until the end. An unsigned count that went below 1 would be a long way from 1 again.
std::atomic<std::uint64_t> passes_left{0};

}  // namespace

schema::Result<void> arm_failpoints(const char* text) {
  failpoint_detail::armed = -1;
  const std::string_view setting = text == nullptr ? "" : text;
  if (setting.empty()) return {};
  const std::size_t colon = setting.find(':');
  const auto* const name = std::find(kNames.begin(), kNames.end(), setting.substr(0, colon));
  std::uint64_t passes = 0;
  if (colon != std::string_view::npos) {
    const char* const end = setting.data() + setting.size();
    const auto [stop, code] = std::from_chars(setting.data() + colon + 1, end, passes);
    if (code != std::errc{} || stop != end) passes = 0;
  }
  if (name == kNames.end() || passes == 0) {
    std::string names;
    for (const std::string_view each : kNames) names.append(names.empty() ? "" : ", ").append(each);
    return schema::fail(schema::ErrorCode::invalid_setting,
                        "WEIR_FAILPOINT=" + std::string{setting} +
                            ": must be <name>:<n>, n from 1, name one of " + names);
  }
  passes_left = passes;
  failpoint_detail::armed = static_cast<int>(name - kNames.begin());
  return {};
}

void failpoint_detail::pass() {
  if (passes_left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace weir::store
