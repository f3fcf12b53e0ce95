#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/config.hpp"

namespace weir::broker {

// The place of a setting in a Config.
using Field = std::variant<bool*, int*, std::int64_t*, std::size_t*, std::chrono::milliseconds*,
                           std::string*, std::filesystem::path*, std::vector<std::string>*>;

// What the text of a setting must look like.
enum class TextForm : std::uint8_t {
  any,
  any_or_empty,
  endpoint,
  endpoint_or_empty,
  address_or_empty,
  choice,
};

// One line of the table from which files, the environment, --set, --print-config and the example
// file are read and written.
struct Setting {
  std::string_view section;
  std::string_view key;  // the unit is its last word; durations end in _ms or _s
  Field (*field)(Config& config);
  std::string_view description;  // one sentence
  double min = 0;                // numbers: in the key's unit; lists: how many entries
  double max = 0;
  TextForm form = TextForm::any;
  std::span<const std::string_view> choices{};
  bool secret = false;  // never printed
};

struct Section {
  std::string_view name;
  std::string_view description;
};

// Both tables, in the order in which they are printed; a setting's section is one of sections().
std::span<const Setting> settings();
std::span<const Section> sections();

// nullptr if there is no such setting. A name is "<section>.<key>".
const Setting* find_setting(std::string_view name);

std::string setting_name(const Setting& setting);      // feed.tick_ms
std::string environment_name(const Setting& setting);  // WEIR_FEED_TICK_MS

// "unknown setting feed.tick; did you mean feed.tick_ms?", the question only if there is a likely
// answer.
std::string unknown_setting(std::string_view name);
std::string unknown_variable(std::string_view name);

}  // namespace weir::broker
