#pragma once

#include "http/ports.hpp"
#include "http/request.hpp"

namespace weir::http {

// What an order that was not carried out is to who gave it; empty for one that was.
std::optional<HttpError> error_of(const Outcome& outcome);

// Of an order for which there is no room.
HttpError no_room();

}  // namespace weir::http
