#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/live_json.hpp"

namespace weir::http {

// The broker and its active runs in the text format of Prometheus, version 0.0.4: seconds and
// bytes, counters end in _total. `broker_json` is the latest broker/ message, empty before the
// first.
std::string metrics_text(std::string_view version, std::string_view broker_json,
                         const std::vector<SummaryRef>& runs);

}  // namespace weir::http
