#pragma once

#include <string>

#include "broker/config.hpp"

namespace weir::broker {

// The effective settings as TOML, each with a comment saying where its value came from; secrets
// are masked. Without those, reading it as a file gives the same settings.
std::string print_config(const LoadedConfig& loaded);

// docs/weir.example.toml: every setting, its meaning, what it accepts and its default, commented
// out.
std::string example_config();

}  // namespace weir::broker
