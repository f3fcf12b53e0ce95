#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::tools {

// The number of the run that a summary or run event is about; empty if it does not say.
std::optional<std::int64_t> run_number_from_json(std::string_view text);

}  // namespace weir::tools
