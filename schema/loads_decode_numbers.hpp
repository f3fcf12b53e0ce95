#pragma once

#include <cstdint>
#include <string_view>

#include <simdjson.h>
#include <tl/expected.hpp>

#include "schema/error.hpp"

namespace weir::schema::loads {

template <class T>
using Number = tl::expected<T, ErrorCode>;

// A whole number 0..max: an integer, an integral float, or a text of one. Errors: bad_type,
// out_of_range.
Number<std::int64_t> read_whole(const simdjson::dom::element& value, std::int64_t max);
Number<std::int64_t> read_whole(std::string_view text, std::int64_t max);

// A finite number, or a text of one. Errors: bad_type, out_of_range (beyond a double).
Number<double> read_number(const simdjson::dom::element& value);

}  // namespace weir::schema::loads
