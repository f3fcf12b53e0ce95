#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "broker/config.hpp"

namespace weir::broker {

// error: someone must act. warn: something was lost or refused. info: the life of the process and
// of runs, nothing per message. debug: per message.
enum class LogLevel : std::uint8_t { debug, info, warn, error };

using LogValue = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view>;

// Texts are views: they live as long as the call of log_event.
struct LogField {
  LogField(std::string_view field_key, bool field_value) : key{field_key}, value{field_value} {}
  LogField(std::string_view field_key, std::string_view field_value)
      : key{field_key}, value{field_value} {}
  LogField(std::string_view field_key, const char* field_value)
      : key{field_key}, value{std::string_view{field_value}} {}
  LogField(std::string_view field_key, const std::string& field_value)
      : key{field_key}, value{std::string_view{field_value}} {}
  LogField(std::string_view field_key, std::floating_point auto field_value)
      : key{field_key}, value{double{field_value}} {}
  LogField(std::string_view field_key, std::signed_integral auto field_value)
      : key{field_key}, value{std::int64_t{field_value}} {}
  LogField(std::string_view field_key, std::unsigned_integral auto field_value)
      : key{field_key}, value{std::uint64_t{field_value}} {}

  std::string_view key;
  LogValue value;
};

// Starts logging to stderr. Until then, and after stop_log, nothing is logged. Neither may run
// while another thread logs.
void start_log(const LogConfig& config);
void stop_log();

bool log_enabled(LogLevel level);

// One line: time=... level=warn event=store_error run=7 what="disk full". Texts are quoted and
// escaped unless they are plain: ASCII without spaces, quotes, backslashes, = and controls.
// Warnings of one event are written once a second; the next line says how many were left out
// (suppressed=12). Any thread may call it.
//
//   log_event(LogLevel::warn, "store_error", {{"run", run_id}, {"rows", rows.size()}});
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The part of a line from event= on.
std::string log_line(std::string_view event, std::initializer_list<LogField> fields);

// Lets one warning of each event through per second. Any thread may call it. It remembers every
// event name, so those come from the program, never from input.
class WarningLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // How many of this event were left out since the last that was let through; empty if this one is
  // to be left out as well.
  std::optional<std::uint64_t> admit(std::string_view event, Clock::time_point now);

 private:
  struct Event {
    Clock::time_point admitted;
    std::uint64_t suppressed = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Event, std::less<>> events_;
};

}  // namespace weir::broker
