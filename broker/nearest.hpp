#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::broker {

// The name most like a mistyped one: the least single-character edits (insert, delete, replace,
// swap neighbours), of equals the first. Empty if none is within a third of the name's length.
std::optional<std::string_view> nearest_name(std::string_view typed,
                                             std::span<const std::string> names);

}  // namespace weir::broker
