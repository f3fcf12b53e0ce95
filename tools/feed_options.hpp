#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace weir::tools {

// The check of an option that takes an endpoint to connect to: empty, or what is wrong with it.
std::string check_endpoint(const std::string& endpoint);

// The check of an option that takes a DURATION.
std::string check_duration(const std::string& text);

// Adds `--feed EP`, by default the feed of a broker with default settings.
CLI::Option* add_feed_option(CLI::App& command, std::string& endpoint);

}  // namespace weir::tools
