#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::store {

using RejectCounts = std::array<std::uint64_t, schema::kRejectReasons>;

// {"missing_field":2}: reasons that were counted, and how often.
std::string rejects_to_json(const RejectCounts& counts);
// What it does not know is left out.
RejectCounts rejects_from_json(std::string_view text);

}  // namespace weir::store
