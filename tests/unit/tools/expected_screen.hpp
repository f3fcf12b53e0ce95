#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace weir::tools {

// The text of a file of the project, in which a test has a whole screen written down.
inline std::string expected_screen(const std::string& path) {
  std::ifstream file{std::string{WEIR_SOURCE_DIR} + "/" + path, std::ios::binary};
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace weir::tools
