#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "schema/error.hpp"

namespace weir::store {

// The right to write a database or a data folder: one process at a time has it, until the object or
// the process ends, however that happens. Held on the file <database>.lock or <folder>/lock, which
// stays. Readers of a database need none.
class StoreLock {
 public:
  // Symbolic links are followed first, so that every name of a database has the same lock.
  // Errors: locked (names the file and the process that has it), io (no such folder, not allowed),
  // invalid_setting (an empty path).
  static schema::Result<StoreLock> acquire(const std::filesystem::path& database);
  // The same for a folder, which exists.
  static schema::Result<StoreLock> acquire_folder(const std::filesystem::path& folder);

  // Who has it, as a process id; empty: nobody. Makes nothing. May be wrong a moment later.
  static std::optional<std::string> holder(const std::filesystem::path& database);
  static std::optional<std::string> folder_holder(const std::filesystem::path& folder);

  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int descriptor) : descriptor_(descriptor) {}
  // `in_use` says what another process has, `advice` what to do about it.
  static schema::Result<StoreLock> hold(const std::filesystem::path& path,
                                        const std::string& in_use, const std::string& advice);

  int descriptor_;
};

}  // namespace weir::store
