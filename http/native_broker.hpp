#pragma once

#include "http/services.hpp"

namespace weir::http {

// The process itself, and who one is to it.
Handled get_health(const Services& services, const Request& request);
Handled get_readiness(const Services& services, const Request& request);
Handled get_version(const Services& services, const Request& request);
Handled get_broker(const Services& services, const Request& request);
Handled get_endpoints(const Services& services, const Request& request);
Handled get_metrics(const Services& services, const Request& request);

Handled get_session(const Services& services, const Request& request);
Handled start_session(const Services& services, const Request& request);
Handled end_session(const Services& services, const Request& request);

Handled watch(const Services& services, const Request& request);
Handled follow(const Services& services, const Request& request);

}  // namespace weir::http
