#pragma once

#include <string>

#include "runners/cpp/http_load.hpp"

namespace weir::tools {

// What `weir run` says, as printable text.

// What load the options make: "10 users for 10s", "100/s for 1m with up to 10 users".
std::string load_text(const runners::HttpLoadOptions& options);

// One line while it runs.
std::string progress_text(const runners::HttpLoadProgress& progress);

// The lines at the end, each with a line end.
std::string summary_text(const runners::HttpLoadOptions& options,
                         const runners::HttpLoadResult& result);

// Empty if everything was reported, else the reason why the broker's figures are incomplete.
std::string reporting_trouble(const runners::ReportOutcome& report, const std::string& broker);

}  // namespace weir::tools
