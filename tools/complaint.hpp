#pragma once

#include <string_view>

namespace weir::tools {

// Prints `weir: <command>: <why>` on stderr, one line whatever `why` holds: it may quote a file,
// an argument or the network. Returns kFailed.
int complain(std::string_view command, std::string_view why);

}  // namespace weir::tools
