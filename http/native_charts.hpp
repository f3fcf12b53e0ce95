#pragma once

#include "http/services.hpp"

namespace weir::http {

// What charts are drawn from: figures by time, and how response times are distributed.
Handled get_timeline(const Services& services, const Request& request);
Handled get_histogram(const Services& services, const Request& request);

}  // namespace weir::http
