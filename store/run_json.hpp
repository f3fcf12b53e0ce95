#pragma once

#include <string>
#include <vector>

#include "store/run_report.hpp"

namespace weir::store {

// `weir runs --format json`: an array, one object a run.
std::string runs_to_json(const std::vector<RunRow>& runs);

// `weir report --format json`: the summary of docs/live-feed.md with all labels, all errors and
// their tracebacks, plus what only the store knows of the run (number, name, started, workers_list,
// tests_list, events, ...).
std::string report_to_json(const RunReport& report);

}  // namespace weir::store
