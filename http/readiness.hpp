#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::http {

// Why messages cannot be taken and kept at present.
struct Cause {
  std::string_view cause;  // starting, journal, database or lag
  std::string message;
};

// By the latest broker/ message (empty: there was none yet) and how long ago it was published.
std::vector<Cause> causes_of(std::string_view broker_json, std::chrono::milliseconds age,
                             std::chrono::milliseconds tick);

}  // namespace weir::http
