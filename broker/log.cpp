#include "broker/log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "broker/quote.hpp"

namespace weir::broker {
namespace {

constexpr std::chrono::seconds kWarningEvery{1};
constexpr const char* kPattern = "time=%Y-%m-%dT%H:%M:%S.%fZ %v";

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

// The words of the setting log.level; spdlog has others.
std::string_view level_name(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warn", "error"};
  return kNames.at(static_cast<std::size_t>(level));
}

struct State {
  std::shared_ptr<spdlog::logger> logger;
  WarningLimit warnings;
};

State& state() {
  static State the_state;
  return the_state;
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\';
  });
}

struct Show {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc{} ? std::string{buffer.data(), end} : "?";
  }
  std::string operator()(std::string_view value) const {
    return is_plain(value) ? std::string{value} : quote(value);
  }
};

}  // namespace

void start_log(const LogConfig& config) {
  auto logger =
      std::make_shared<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter =
      std::make_unique<spdlog::pattern_formatter>(kPattern, spdlog::pattern_time_type::utc);
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(config.level));
  logger->flush_on(spdlog::level::trace);
  state().logger = std::move(logger);
}

void stop_log() { state().logger.reset(); }

bool log_enabled(LogLevel level) {
  const auto& logger = state().logger;
  return logger != nullptr && logger->should_log(spdlog_level(level));
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  std::uint64_t suppressed = 0;
  if (level == LogLevel::warn) {
    const auto admitted = state().warnings.admit(event, WarningLimit::Clock::now());
    if (!admitted) return;
    suppressed = *admitted;
  }
  std::string line = "level=" + std::string{level_name(level)} + " " + log_line(event, fields);
  if (suppressed > 0) line += " suppressed=" + std::to_string(suppressed);
  state().logger->log(spdlog_level(level), spdlog::string_view_t{line.data(), line.size()});
}

std::string log_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = "event=" + std::string{event};
  for (const LogField& field : fields) {
    line += " " + std::string{field.key} + "=" + std::visit(Show{}, field.value);
  }
  return line;
}

std::optional<std::uint64_t> WarningLimit::admit(std::string_view event, Clock::time_point now) {
  const std::lock_guard lock{mutex_};
  auto found = events_.find(event);
  if (found == events_.end()) {
    events_.emplace(event, Event{now, 0});
    return 0;
  }
  Event& seen = found->second;
  if (now - seen.admitted < kWarningEvery) {
    ++seen.suppressed;
    return std::nullopt;
  }
  const std::uint64_t suppressed = seen.suppressed;
  seen = Event{now, 0};
  return suppressed;
}

}  // namespace weir::broker
