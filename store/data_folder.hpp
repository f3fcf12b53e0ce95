#pragma once

#include <filesystem>

#include "schema/error.hpp"
#include "store/lock.hpp"

namespace weir::store {

// Makes the data folder if there is none (mode 0700; the folder around it exists), durably, and
// takes its lock: everything in it belongs to this process as long as the lock lives.
// Errors: locked (says by whom), io (no folder around it, not a folder, not allowed),
// invalid_setting (an empty path).
schema::Result<StoreLock> claim_data_folder(const std::filesystem::path& folder);

}  // namespace weir::store
