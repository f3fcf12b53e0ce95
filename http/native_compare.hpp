#pragma once

#include "http/services.hpp"

namespace weir::http {

// Runs beside a base, label by label.
Handled compare_runs(const Services& services, const Request& request);

}  // namespace weir::http
