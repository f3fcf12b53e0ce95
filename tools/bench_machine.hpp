#pragma once

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

BenchMachine this_machine();

}  // namespace weir::tools
