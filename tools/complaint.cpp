#include "tools/complaint.hpp"

#include <iostream>

#include "tools/command.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {

int complain(std::string_view command, std::string_view why) {
  std::cerr << "weir: " << command << ": " << printable(why) << '\n';
  return kFailed;
}

}  // namespace weir::tools
