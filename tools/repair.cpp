#include "tools/repair.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/rebuild.hpp"
#include "store/data_folder.hpp"
#include "store/salvage.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

namespace fs = std::filesystem;
using store::DatabaseState;

std::string utc_stamp() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc));
  return text;
}

std::string what_was_read(const std::vector<store::SalvagedTable>& tables) {
  std::uint64_t rows = 0;
  std::string stopped;
  for (const store::SalvagedTable& table : tables) {
    rows += table.rows;
    if (table.stopped_by.empty()) continue;
    stopped +=
        (stopped.empty() ? "" : ", ") + table.table + " after row " + std::to_string(table.rows);
  }
  if (rows == 0) return "nothing of it could be read";
  return std::to_string(rows) + " rows of it could be read" +
         (stopped.empty() ? "" : " (unreadable: " + stopped + ")");
}

std::string what_was_replayed(const broker::Recovery& recovery) {
  std::string text = std::to_string(recovery.records) + " records of the journal with " +
                     std::to_string(recovery.messages) + " messages were read into it";
  if (recovery.records_lost > 0) {
    text += ", " + std::to_string(recovery.records_lost) + " were lost";
  }
  if (!recovery.runs_lost.empty()) {
    text += ", " + std::to_string(recovery.runs_lost.size()) + " open runs cannot go on";
  }
  return text;
}

// The results file anew at its place: of what can be read of the old one, which is renamed, and of
// the journal.
void rebuild(const broker::Config& config, const Diagnosis& diagnosis, const std::string& word,
             store::StoreLock lock, const std::optional<store::JournalOwner>& owner,
             Findings& findings) {
  const fs::path& db = config.store.db;
  std::error_code code;
  const bool is_there = fs::exists(db, code);
  const fs::path aside = value_of(store::set_database_aside(db, word + "-" + utc_stamp()));
  const bool is_damaged = diagnosis.database.state == DatabaseState::damaged ||
                          diagnosis.database.state == DatabaseState::not_a_database;
  const auto tables = value_of(store::make_from_readable(db, is_damaged ? aside : fs::path{}));
  if (owner) {
    value_of(store::adopt_journal(db, owner->store_id));
  }
  std::string detail = db.string() + " was made anew";
  if (is_there) detail += "; the old one is " + aside.string();
  if (is_damaged) detail += "; " + what_was_read(tables);
  findings.repaired("results file", detail);
  findings.repaired(
      "journal",
      what_was_replayed(value_of(broker::rebuild_from_journal(config, std::move(lock)))));
}

// Segments that belong to a results file that is gone become a file of their own.
void rebuild_beside(const broker::Config& config, const Diagnosis& diagnosis,
                    const store::JournalOwner& owner, Findings& findings) {
  broker::Config beside = config;
  const std::string stamp = utc_stamp();
  beside.store.data = diagnosis.folder;
  beside.store.db = config.store.db.string() + ".rebuilt-" + stamp;
  for (int more = 2; fs::exists(beside.store.db); ++more) {
    beside.store.db = config.store.db.string() + ".rebuilt-" + stamp + "-" + std::to_string(more);
  }
  auto lock = value_of(store::StoreLock::acquire(beside.store.db));
  value_of(store::make_from_readable(beside.store.db, {}));
  if (!value_of(store::adopt_journal(beside.store.db, owner.store_id))) {
    throw std::runtime_error(beside.store.db.string() + " has a journal already");
  }
  const broker::Recovery recovery = value_of(broker::rebuild_from_journal(beside, std::move(lock)));
  std::vector<fs::path> left;
  for (const store::JournalOwner& still : value_of(store::journal_owners(diagnosis.folder))) {
    if (still.store_id == owner.store_id) left = still.segments;
  }
  if (const auto away = store::put_away(diagnosis.folder, left, "rebuilt-" + stamp); !away) {
    throw std::runtime_error(away.error().detail);
  }
  findings.repaired("journal", what_was_replayed(recovery) + ": " + beside.store.db.string() +
                                   "; its segments were renamed to *.rebuilt-" + stamp);
}

void repair_sound(const broker::Config& config, const Diagnosis& diagnosis, store::StoreLock lock,
                  Findings& findings) {
  const store::DatabaseCheck& database = diagnosis.database;
  const bool is_new = database.runs == 0 && database.checkpoint.position == 0;
  for (const store::JournalOwner& owner : diagnosis.owners) {
    if (owner.store_id == database.store_id) continue;
    // A file that was made because the right one was gone makes way.
    if (is_new && diagnosis.owners.size() == 1) {
      rebuild(config, diagnosis, "replaced", std::move(lock), owner, findings);
      return;
    }
    rebuild_beside(config, diagnosis, owner, findings);
  }
  const auto& journal = diagnosis.journal;
  if (!journal || (journal->damages_total == 0 && journal->torn_bytes == 0)) return;
  findings.repaired(
      "journal",
      what_was_replayed(value_of(broker::rebuild_from_journal(config, std::move(lock)))));
}

void close_to_others(const Diagnosis& diagnosis, Findings& findings) {
  for (const fs::path& path : diagnosis.open_to_others) {
    std::error_code code;
    const fs::perms others = fs::perms::group_all | fs::perms::others_all;
    fs::permissions(path, others, fs::perm_options::remove, code);
    if (code) throw std::runtime_error(path.string() + ": " + code.message());
    findings.repaired("permissions", path.string() + " is closed to others");
  }
}

}  // namespace

void repair(const broker::Config& config, const Diagnosis& diagnosis, Findings& findings) {
  std::optional<store::StoreLock> folder_lock;
  if (diagnosis.folder_exists) {
    folder_lock = value_of(store::claim_data_folder(diagnosis.folder));
    close_to_others(diagnosis, findings);
  }
  store::StoreLock lock = value_of(store::StoreLock::acquire(config.store.db));
  switch (diagnosis.database.state) {
    case DatabaseState::sound:
      repair_sound(config, diagnosis, std::move(lock), findings);
      return;
    case DatabaseState::missing:
      if (!diagnosis.owner) return;
      rebuild(config, diagnosis, "replaced", std::move(lock), diagnosis.owner, findings);
      return;
    case DatabaseState::not_a_database:
      if (!diagnosis.owner) return;
      [[fallthrough]];
    case DatabaseState::damaged:
      rebuild(config, diagnosis, "damaged", std::move(lock), diagnosis.owner, findings);
      return;
    default:
      return;
  }
}

}  // namespace weir::tools
