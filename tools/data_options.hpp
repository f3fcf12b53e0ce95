#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "broker/config.hpp"

namespace weir::tools {

// What the commands share that change the files of a broker's data folder.
struct DataOptions {
  std::string config;
  std::string db;
  std::string data;
};

// Adds --config, --db and --data.
void add_data_options(CLI::App& command, DataOptions& options);

// The settings that `weir serve` would have with the same options, in the same environment. Throws
// std::runtime_error if they are no good.
broker::Config load_config(const DataOptions& options);

// The check of an option that takes a role: empty, or what is wrong with it.
std::string check_role(const std::string& text);

}  // namespace weir::tools
