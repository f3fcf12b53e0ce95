#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/record.hpp"

namespace weir::store {

// The column runs.tags: a JSON object of strings, keys ascending; of equal keys the last counts.
std::string tags_to_json(const std::vector<schema::TagRecord>& tags);

// What people may have edited: entries that are not strings are left out, and all of it if it is
// not a JSON object.
std::vector<schema::TagRecord> tags_from_json(std::string_view text);

}  // namespace weir::store
