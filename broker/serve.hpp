#pragma once

#include "broker/config.hpp"
#include "http/services.hpp"

namespace weir::broker {

// Runs the broker until SIGTERM or SIGINT, then stops in order: what had been received is
// processed and written. `report_text` writes the reports that are asked for over HTTP. Prints
// every real endpoint on stdout, one per line `listening <name> <endpoint>`, then examples to
// paste. Returns the exit code: 0, or 1 when the last rows could not be written. Throws
// std::exception when it cannot start.
int serve(const Config& config, const http::ReportText& report_text);

}  // namespace weir::broker
