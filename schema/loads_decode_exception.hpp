#pragma once

#include "schema/loads_decode_reader.hpp"
#include "schema/message.hpp"

namespace weir::schema::loads {

// The exception under exc_info, exc or error, whichever is the first that says something, in any
// of the forms of docs/protocol.md; empty if none does. Any JSON is accepted.
Exception read_exception(Reader& reader);

}  // namespace weir::schema::loads
