#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "broker/config.hpp"
#include "store/database_check.hpp"
#include "store/journal_owners.hpp"
#include "store/journal_reader.hpp"
#include "tools/findings.hpp"

namespace weir::tools {

// The state of a results file and its journal.
struct Diagnosis {
  std::filesystem::path folder;
  bool folder_exists = false;
  std::vector<std::filesystem::path> open_to_others;  // the folder, keys in it
  bool broker_runs = false;                           // then the journal was not looked at
  store::DatabaseCheck database;
  std::vector<store::JournalOwner> owners;
  // Of them, the results file's; of a file that cannot say, the one of its name, or the only one.
  std::optional<store::JournalOwner> owner;
  std::optional<store::JournalReport> journal;  // the owner's
};

// Looks at everything and changes nothing.
Diagnosis diagnose(const broker::Config& config, Findings& findings);

}  // namespace weir::tools
