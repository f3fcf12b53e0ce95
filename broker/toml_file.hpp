#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "broker/setting_value.hpp"
#include "schema/error.hpp"

namespace weir::broker {

struct FileSetting {
  std::string name;  // "<section>.<key>", whether or not there is such a setting
  SettingValue value;
  std::size_t line = 0;  // from 1
};

// What a TOML file of at most 1 MiB sets, in the order of its lines. Errors: not_found, too_large,
// invalid_setting (not TOML; the detail names the line).
schema::Result<std::vector<FileSetting>> read_toml_file(const std::string& path);

}  // namespace weir::broker
