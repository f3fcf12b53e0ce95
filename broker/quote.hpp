#pragma once

#include <string>
#include <string_view>

namespace weir::broker {

// A text in double quotes, safe on a terminal and on one line: quotes, backslashes, control
// characters and those that hide or turn text round are escaped as in TOML and JSON; a byte that is
// not UTF-8 becomes U+FFFD.
std::string quote(std::string_view text);

}  // namespace weir::broker
