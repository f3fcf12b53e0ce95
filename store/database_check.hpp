#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/stored_state.hpp"

namespace weir::store {

enum class DatabaseState : std::uint8_t {
  sound,
  missing,         // or empty
  damaged,         // some of it is not what was written
  not_a_database,  // nothing of it can be read, if it ever was a results file
  other_program,   // a SQLite database that is none of ours
  older,           // to be migrated by a broker first
  newer,           // written by a newer weir
  unreachable,     // not allowed, locked, a folder
};

// What is found in a results file.
struct DatabaseCheck {
  static constexpr std::size_t kMaxDamages = 20;

  DatabaseState state = DatabaseState::sound;
  std::string detail;                // of any state but sound
  std::vector<std::string> damages;  // in SQLite's words, the first kMaxDamages
  std::uint64_t file_bytes = 0, bytes_in_use = 0;
  std::int64_t runs = 0;        // all
  std::int64_t known = 0;       // of them, that a broker would go on with
  std::int64_t unfinished = 0;  // of them, half deleted
  StoreId store_id{};           // of a sound one, like all below
  schema::Checkpoint checkpoint;
};

// Reads all of the file, which takes about a second for each GB, and changes nothing; calls
// `progress` now and then. A broker may write it meanwhile.
DatabaseCheck check_database(const std::filesystem::path& path,
                             const std::function<void()>& progress);

}  // namespace weir::store
