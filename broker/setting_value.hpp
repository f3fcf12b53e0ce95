#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/settings.hpp"

namespace weir::broker {

// A value that no setting takes, by what it is: "a date".
struct OtherValue {
  std::string_view what;
};

// A value as a file may give it.
using SettingValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, OtherValue>;

// Puts a value into the setting's place. Returns what is wrong with it instead, for example
// "must be a whole number from 100 to 60000, not 5"; the config is then unchanged.
std::optional<std::string> assign(const Setting& setting, const SettingValue& value,
                                  Config& config);

// The same for a text from the environment or the command line: true and false or 1 and 0, numbers
// in decimal, lists with commas between their entries.
std::optional<std::string> assign_text(const Setting& setting, std::string_view text,
                                       Config& config);

bool is_list(const Setting& setting);

// What assign accepts: "a whole number from 100 to 60000".
std::string accepted(const Setting& setting);

// The value in the config as TOML writes it; a secret that was given is "***".
std::string toml_value(const Setting& setting, const Config& config);

}  // namespace weir::broker
