#pragma once

#include <string>
#include <vector>

#include "tools/bench_machine.hpp"
#include "tools/bench_rounds.hpp"

namespace weir::tools {

// What `weir bench --json` prints: the machine, and every case with medians and all its rounds.
std::string bench_to_json(const BenchMachine& machine, const BenchOptions& options,
                          const std::vector<BenchResult>& results);

}  // namespace weir::tools
