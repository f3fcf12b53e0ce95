#pragma once

#include <stdexcept>

#include "broker/config.hpp"
#include "tools/diagnosis.hpp"
#include "tools/findings.hpp"

namespace weir::tools {

// Mends what the diagnosis found and can be mended; destroys nothing: what is replaced is renamed.
// Throws std::runtime_error when something has the files, or a disk refuses.
void repair(const broker::Config& config, const Diagnosis& diagnosis, Findings& findings);

}  // namespace weir::tools
