#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "schema/error.hpp"
#include "store/journal_record.hpp"

namespace weir::store {

// A results store whose journal, or a part of it, is in a folder.
struct JournalOwner {
  StoreId store_id{};
  std::string name;  // of its file, for people
  std::vector<std::filesystem::path> segments;
};

// All there are; segments that do not begin with a sound header are nobody's. Errors: io.
schema::Result<std::vector<JournalOwner>> journal_owners(const std::filesystem::path& folder);

// Renames segments to <name>.<suffix>, after which no journal has them. Errors: io.
schema::Result<void> put_away(const std::filesystem::path& folder,
                              const std::vector<std::filesystem::path>& segments,
                              const std::string& suffix);

}  // namespace weir::store
