#pragma once

#include <CLI/CLI.hpp>

#include "runners/cpp/curve.hpp"

namespace weir::tools {

// Adds --key and --server-key, for brokers with security.curve.
void add_key_options(CLI::App& command, runners::CurveOptions& options);

}  // namespace weir::tools
