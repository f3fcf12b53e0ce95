#pragma once

#include <string>

#include "schema/message.hpp"

namespace weir::tools {

// A loads batch that holds one message: decoding it gives that message, marked as batched.
std::string batch_of_one(const schema::Message& message);

}  // namespace weir::tools
