#pragma once

#include <string>

#include "schema/message.hpp"

namespace weir::schema {

// One message as a JSON object on one line, in weir's own spelling of the loads format
// (worker_id, test, exc_info with the class first). Decoding it gives an equal message, except
// that text which is not UTF-8 is replaced by U+FFFD.
std::string loads_encode(const Message& message);

}  // namespace weir::schema
