#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace weir::tools {

// Exit codes of every subcommand.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kAborted = 97;
inline constexpr int kNoData = 98;
inline constexpr int kThresholdsFailed = 99;

// What a subcommand does once its options are parsed; returns the exit code. An exception is
// printed by main as `weir: <subcommand>: <what>` with exit code 1.
using Run = std::function<int()>;

// One function per subcommand, in tools/<name>_command.cpp: declares the options on the (already
// created) subcommand, sets its footer to an example, and returns what to run.
Run add_serve(CLI::App& command);
Run add_send(CLI::App& command);
Run add_run(CLI::App& command);
Run add_tail(CLI::App& command);
Run add_top(CLI::App& command);
Run add_runs(CLI::App& command);
Run add_report(CLI::App& command);
Run add_replay(CLI::App& command);
Run add_bench(CLI::App& command);
Run add_keygen(CLI::App& command);
Run add_token(CLI::App& command);
Run add_delete(CLI::App& command);
Run add_doctor(CLI::App& command);

}  // namespace weir::tools
