#pragma once

#include "http/services.hpp"

namespace weir::http {

// The long lists of a run, sorted, filtered, a page at a time.
Handled list_labels(const Services& services, const Request& request);
Handled list_errors(const Services& services, const Request& request);
Handled list_tests(const Services& services, const Request& request);
Handled list_workers(const Services& services, const Request& request);
Handled list_events(const Services& services, const Request& request);
Handled list_rejects_of_run(const Services& services, const Request& request);
Handled list_rejects(const Services& services, const Request& request);

}  // namespace weir::http
