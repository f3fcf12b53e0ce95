#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace weir::tools {

// What the commands that send to a broker share.

// Adds `--to EP`; runners::complete_endpoint turns what it leaves empty into the default.
void add_to_option(CLI::App& command, std::string& endpoint);

// The check of an option that takes a run_id: empty, or what is wrong with it.
std::string check_id(const std::string& id);

}  // namespace weir::tools
