#pragma once

#include <vector>

#include "http/router.hpp"
#include "http/services.hpp"

namespace weir::http {

// Every route of every API. `services` outlives them.
std::vector<Route> routes(const Services& services);

}  // namespace weir::http
