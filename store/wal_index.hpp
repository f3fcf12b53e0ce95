#pragma once

#include <cstdint>
#include <filesystem>

#include "schema/error.hpp"

namespace weir::store {

// Keeps a place on the disk for the index that SQLite has beside a write-ahead log (the -shm file).
// SQLite writes to it in memory: where the file system's blocks are smaller than a page, some of
// that memory may have no place yet, and using it on a full disk ends the process (SIGBUS). Used by
// the thread that writes.
class WalIndex {
 public:
  explicit WalIndex(std::filesystem::path database) : database_(std::move(database)) {}

  // Before the database is opened. Errors: no_space (the index could not be made safely), io.
  schema::Result<void> check_room() const;
  // At the beginning of a transaction: the log has so many bytes. Errors: no_space, io.
  schema::Result<void> reserve(std::uint64_t log_bytes);

 private:
  std::filesystem::path database_;
  std::uint64_t reserved_bytes_ = 0;
};

}  // namespace weir::store
