#pragma once

#include "http/services.hpp"

namespace weir::http {

// Messages of runners without ZeroMQ.
Handled post_messages(const Services& services, Request& request);

}  // namespace weir::http
