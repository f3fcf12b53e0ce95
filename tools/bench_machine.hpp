#pragma once

#include <filesystem>
#include <string>

namespace weir::tools {

// What a benchmark ran on.
struct BenchMachine {
  unsigned cores = 0;
  std::string cpu;     // model name
  std::string kernel;  // "Linux 6.1.0"
  std::string libzmq;
  std::string weir;
  std::string build;              // "optimised", or what it is instead
  std::string folder;             // where results files and journals are written
  bool folder_in_memory = false;  // acknowledged batches then cost no disk
};

// Throws std::runtime_error if TMPDIR is no folder.
BenchMachine this_machine();
std::filesystem::path bench_folders();  // where a benchmark makes its own; the same

}  // namespace weir::tools
