#pragma once

#include <string>
#include <vector>

#include "http/parameters.hpp"
#include "http/services.hpp"

namespace weir::http {

// Runs and their totals.
Handled list_runs(const Services& services, const Request& request);
Handled list_projects(const Services& services, const Request& request);
Handled get_run(const Services& services, const Request& request);
Handled get_summary(const Services& services, const Request& request);
Handled get_report(const Services& services, const Request& request);

// The JSON of a run with its totals, as GET /api/runs/{run} answers it.
Reply run_detail(const Services& services, std::int64_t run, const std::vector<Rank>& ranks = {});

}  // namespace weir::http
