#pragma once

#include "http/services.hpp"

namespace weir::http {

// Changes to runs. Each is answered when it is in the results file.
Handled change_run(const Services& services, const Request& request);
Handled delete_run(const Services& services, const Request& request);
Handled stop_run(const Services& services, const Request& request);

}  // namespace weir::http
