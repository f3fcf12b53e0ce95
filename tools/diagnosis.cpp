#include "tools/diagnosis.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "broker/client_keys.hpp"
#include "broker/token_file.hpp"
#include "store/journal_folder.hpp"
#include "store/lock.hpp"
#include "tools/progress_line.hpp"

namespace weir::tools {
namespace {

namespace fs = std::filesystem;
using store::DatabaseState;

// With less free space than this a broker soon has to stop acknowledging.
constexpr std::uint64_t kLowSpaceBytes = std::uint64_t{1} << 30U;
constexpr std::size_t kDamagesShown = 20;

constexpr const char* kFolder = "data folder";
constexpr const char* kJournal = "journal";
constexpr const char* kFile = "results file";

std::string count_of(std::uint64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + 999'999) / 1'000'000) + " MB";
}

bool is_open_to_others(const fs::path& path) {
  std::error_code code;
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  return (fs::status(path, code).permissions() & others) != fs::perms::none;
}

// What is in the folder besides the journal and the lock are keys and tokens.
void examine_keys(Diagnosis& diagnosis, Findings& findings) {
  const fs::path& folder = diagnosis.folder;
  std::error_code code;
  for (fs::directory_iterator each{folder, code}; !code && each != fs::directory_iterator{};
       each.increment(code)) {
    const std::string name = each->path().filename().string();
    if (name == "lock" || name.starts_with("journal-")) continue;
    if (!each->is_regular_file(code) || !is_open_to_others(each->path())) continue;
    diagnosis.open_to_others.push_back(each->path());
    findings.problem("key file", each->path().string() + " may be read by others",
                     "chmod 600 " + each->path().string());
  }
}

// As weir serve would read them.
void examine_lists(const broker::Config& config, const Diagnosis& diagnosis, Findings& findings) {
  const auto say = [&findings](const fs::path& file, const auto& read) {
    std::error_code unknown;
    if (!fs::exists(file, unknown)) return;
    if (read) {
      findings.ok("list", file.string());
    } else {
      findings.problem("list", read.error().detail, "mend the line, or weir serve does not start");
    }
  };
  const fs::path tokens = broker::token_file(diagnosis.folder);
  say(tokens, broker::read_tokens(tokens));
  const fs::path clients = broker::clients_file(config);
  say(clients, broker::ClientKeys::open(clients));
}

void examine_folder(Diagnosis& diagnosis, Findings& findings) {
  const std::string folder = diagnosis.folder.string();
  std::error_code code;
  diagnosis.folder_exists = fs::is_directory(diagnosis.folder, code);
  if (!diagnosis.folder_exists) {
    if (!fs::exists(diagnosis.folder, code) && !code) {
      findings.ok(kFolder, folder + " is not there yet; weir serve makes it");
    } else {
      findings.problem(kFolder, folder + (code ? ": " + code.message() : " is not a folder"),
                       "move it away, or give another one with --data");
    }
    return;
  }
  if (is_open_to_others(diagnosis.folder)) {
    diagnosis.open_to_others.push_back(diagnosis.folder);
    findings.problem(kFolder, folder + " is open to others", "chmod 700 " + folder);
  } else {
    findings.ok(kFolder, folder);
  }
  examine_keys(diagnosis, findings);
}

void examine_locks(const broker::Config& config, Diagnosis& diagnosis, Findings& findings) {
  auto holder = store::StoreLock::holder(config.store.db);
  if (!holder) holder = store::StoreLock::folder_holder(diagnosis.folder);
  diagnosis.broker_runs = holder.has_value();
  findings.ok("broker", holder ? "one is running (pid " + *holder +
                                     "): the journal is not looked at, and nothing is repaired"
                               : "none is running");
}

// Whose journal it is that the results file needs. What is no database may be a file that was
// given by mistake, so only its name counts.
void find_owner(const broker::Config& config, Diagnosis& diagnosis) {
  const DatabaseState state = diagnosis.database.state;
  const bool is_sound = state == DatabaseState::sound;
  const bool is_only = diagnosis.owners.size() == 1 && state != DatabaseState::not_a_database;
  const std::string name = config.store.db.filename().string();
  int found = 0;
  for (const store::JournalOwner& owner : diagnosis.owners) {
    const bool is_it =
        is_sound ? owner.store_id == diagnosis.database.store_id : owner.name == name || is_only;
    if (!is_it) continue;
    ++found;
    diagnosis.owner = owner;
  }
  if (found > 1) diagnosis.owner.reset();  // files of that name, one after the other
}

void examine_database(const broker::Config& config, Diagnosis& diagnosis, Findings& findings) {
  const std::string db = config.store.db.string();
  {
    ProgressLine progress(::isatty(STDERR_FILENO) != 1);
    diagnosis.database = store::check_database(config.store.db, [&] {
      if (progress.due()) progress.show("reading all of the results file ...");
    });
  }
  find_owner(config, diagnosis);
  const store::DatabaseCheck& found = diagnosis.database;
  const std::string detail = found.detail.starts_with(db) ? found.detail : db + ": " + found.detail;
  switch (found.state) {
    case DatabaseState::sound:
      findings.ok(kFile, db + " is sound: " + megabytes(found.bytes_in_use) + " in use, " +
                             count_of(static_cast<std::uint64_t>(found.runs), "run"));
      return;
    case DatabaseState::missing:
      if (diagnosis.owners.empty()) {
        findings.problem(kFile, detail,
                         "weir serve makes a new one; there is no journal to rebuild it from");
      } else {
        findings.problem(kFile, detail,
                         "weir doctor --repair rebuilds what the journal still has of it");
      }
      return;
    case DatabaseState::damaged:
      findings.problem(kFile, detail,
                       "weir doctor --repair moves it aside and makes a new one of what can be "
                       "read and what the journal has");
      return;
    case DatabaseState::not_a_database:
      findings.problem(kFile, detail,
                       diagnosis.owner
                           ? "weir doctor --repair moves it aside and rebuilds what the journal has"
                           : "or if it was the right one move it away: there is no journal to "
                             "rebuild it from");
      return;
    case DatabaseState::unreachable:
      findings.problem(kFile, detail, "make it a file that this user may read and write");
      return;
    case DatabaseState::other_program:
    case DatabaseState::older:
    case DatabaseState::newer:
      findings.problem(kFile, detail, "nothing here can be repaired");
      return;
  }
}

void report_damage(const store::JournalReport& journal, std::uint64_t checkpoint,
                   Findings& findings) {
  const auto lost = [&](const store::PositionRange& range) {
    const std::string records =
        "records " + std::to_string(range.first) + " to " + std::to_string(range.last);
    return range.last < checkpoint ? "nothing is lost: the results file has " + records
                                   : records + " are lost";
  };
  for (std::size_t i = 0; i < std::min(journal.damages.size(), kDamagesShown); ++i) {
    const store::JournalDamage& damage = journal.damages[i];
    findings.problem(kJournal,
                     damage.segment.string() + " at byte " + std::to_string(damage.offset) + ": " +
                         damage.what + ", " +
                         (damage.lost ? lost(*damage.lost) : "nothing is lost"),
                     "the segment is set aside by weir doctor --repair, or weir serve, once its "
                     "good records are in the results file");
  }
  if (journal.damages_total > kDamagesShown) {
    findings.problem(kJournal, count_of(journal.damages_total - kDamagesShown, "more damage"),
                     "as above");
  }
  for (const store::PositionRange& range : journal.missing) {
    findings.problem(kJournal, "a segment is gone: " + lost(range), "nothing brings it back");
  }
}

void report_journal(const Diagnosis& diagnosis, Findings& findings) {
  const store::JournalReport& journal = *diagnosis.journal;
  const std::uint64_t checkpoint = diagnosis.database.checkpoint.position;
  std::uint64_t waiting = 0;
  if (journal.records > 0 && journal.last_position >= checkpoint) {
    waiting = journal.last_position - std::max(checkpoint, journal.first_position) + 1;
  }
  std::string detail = count_of(diagnosis.owner ? diagnosis.owner->segments.size() : 0, "segment") +
                       ", " + count_of(journal.records, "record");
  if (journal.records > 0) {
    detail += " (" + std::to_string(journal.first_position) + " to " +
              std::to_string(journal.last_position) + ")";
  }
  detail += ", " + std::to_string(waiting) + " not in the results file yet";
  const std::uint64_t first_wanted = std::max(checkpoint, std::uint64_t{1});
  const bool front_is_missing = journal.records > 0 && journal.first_position > first_wanted;
  if (front_is_missing) {
    findings.problem(kJournal,
                     "records " + std::to_string(first_wanted) + " to " +
                         std::to_string(journal.first_position - 1) +
                         " are lost: a segment is gone, or the results file is an older copy",
                     "nothing brings them back, unless you have the segment or the newer file");
  }
  if (journal.torn_bytes > 0) {
    detail += "; the last write was cut off, which had not been acknowledged (" +
              std::to_string(journal.torn_bytes) + " bytes)";
  }
  if (journal.damages_total == 0 && journal.missing.empty() && !front_is_missing) {
    findings.ok(kJournal, detail + (waiting > 0 && diagnosis.database.state == DatabaseState::sound
                                        ? "; weir serve reads them when it starts"
                                        : ""));
  } else {
    report_damage(journal, checkpoint, findings);
  }
}

void examine_journal(Diagnosis& diagnosis, Findings& findings) {
  if (!diagnosis.folder_exists || diagnosis.broker_runs) return;
  const bool is_sound = diagnosis.database.state == DatabaseState::sound;
  for (const store::JournalOwner& owner : diagnosis.owners) {
    if (!is_sound || owner.store_id == diagnosis.database.store_id) continue;
    findings.problem(
        kJournal,
        count_of(owner.segments.size(), "segment") + " of another results file (" + owner.name +
            "), which may not have everything of them",
        "start weir with that file; if it is gone, weir doctor --repair rebuilds what they have");
  }
  if (!is_sound && !diagnosis.owner) {
    if (!diagnosis.owners.empty()) {
      findings.problem(kJournal, "those of " + count_of(diagnosis.owners.size(), "results file"),
                       "leave only the segments of one in " + diagnosis.folder.string());
    }
    return;
  }
  const store::StoreId& id = is_sound ? diagnosis.database.store_id : diagnosis.owner->store_id;
  auto journal = store::read_journal(
      diagnosis.folder, id, [](const store::JournalRecord&) { return schema::Result<void>{}; });
  if (!journal) {
    findings.problem(kJournal, journal.error().detail, "see above");
    return;
  }
  diagnosis.journal = std::move(*journal);
  report_journal(diagnosis, findings);
}

void examine_space(const broker::Config& config, const Diagnosis& diagnosis, Findings& findings) {
  const fs::path around = fs::absolute(config.store.db).parent_path();
  for (const fs::path& folder : {around, diagnosis.folder}) {
    std::error_code code;
    const fs::space_info space = fs::space(folder, code);
    if (code) continue;
    const std::string detail = megabytes(space.available) + " free in " + folder.string();
    if (space.available < kLowSpaceBytes) {
      findings.problem("disk", detail, "make room: a full disk stops acknowledgements");
    } else {
      findings.ok("disk", detail);
    }
  }
}

}  // namespace

Diagnosis diagnose(const broker::Config& config, Findings& findings) {
  Diagnosis diagnosis;
  diagnosis.folder = store::data_folder(config.store);
  examine_folder(diagnosis, findings);
  examine_lists(config, diagnosis, findings);
  examine_locks(config, diagnosis, findings);
  if (diagnosis.folder_exists) {
    auto owners = store::journal_owners(diagnosis.folder);
    if (owners) {
      diagnosis.owners = std::move(*owners);
    } else {
      findings.problem(kFolder, owners.error().detail, "make it readable for this user");
    }
  }
  examine_database(config, diagnosis, findings);
  examine_journal(diagnosis, findings);
  examine_space(config, diagnosis, findings);
  return diagnosis;
}

}  // namespace weir::tools
