#pragma once

#include <filesystem>

#include "schema/error.hpp"

namespace weir::store {

// The right to write a database: one process at a time has it, until the object or the process
// ends, however that happens. Held on the file <database>.lock, which stays. Readers need none.
class StoreLock {
 public:
  // Symbolic links are followed first, so that every name of a database has the same lock.
  // Errors: locked (names the file and the process that has it), io (no such folder, not allowed),
  // invalid_setting (an empty path).
  static schema::Result<StoreLock> acquire(const std::filesystem::path& database);

  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace weir::store
