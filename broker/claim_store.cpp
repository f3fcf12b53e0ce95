#include "broker/claim_store.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "store/data_folder.hpp"
#include "store/journal_owners.hpp"

namespace weir::broker {
namespace {

namespace fs = std::filesystem;
using schema::Error;
using schema::ErrorCode;
using schema::Result;

bool may_write(const fs::path& path) { return ::access(path.c_str(), W_OK) == 0; }

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path{"."};
}

// What SQLite would only notice later, or say less well.
Result<void> check_places(const fs::path& db) {
  std::error_code code;
  const fs::path folder = folder_of(db);
  const auto refuse = [&](const std::string& why) {
    return schema::fail(ErrorCode::io, db.string() + ": " + why);
  };
  if (fs::is_directory(db, code)) return refuse("it is a folder; give a file with --db");
  if (!fs::is_directory(folder, code))
    return refuse("there is no folder " + folder.string() + "; make it");
  if (fs::exists(db, code) && !may_write(db)) {
    return refuse("this user may not write it; change that, or give another file with --db");
  }
  if (!may_write(folder)) {
    return refuse("this user may not write in the folder " + fs::absolute(folder, code).string() +
                  ", where SQLite keeps more files beside it; change that, or give a file "
                  "elsewhere with --db");
  }
  return {};
}

// What to do about a file that cannot be opened to write; empty where the error says it.
std::string advice_on(const Error& error) {
  if (error.detail.find("--db") != std::string::npos) return {};
  switch (error.code) {
    case ErrorCode::locked:
      return "; another program has it locked: end that, or wait longer with store.busy_timeout_s";
    case ErrorCode::not_a_database:
      return "; give another file with --db; or if it was weir's, rebuild it with weir doctor "
             "--repair";
    default:
      return "; weir doctor says more";
  }
}

// A new file would not be the one that the journal belongs to.
Result<void> check_not_gone(const store::StoreConfig& config) {
  std::error_code code;
  if (fs::exists(config.db, code) || code) return {};
  const fs::path folder = store::data_folder(config);
  const auto owners = store::journal_owners(folder);
  if (!owners || owners->empty()) return {};
  return schema::fail(ErrorCode::not_found,
                      config.db.string() + " is gone, but " + folder.string() +
                          " has a journal of " + owners->front().name +
                          " that it may not have had all of; rebuild it with weir doctor "
                          "--repair, or give another folder with --data");
}

Result<store::StoreLock> claim_folder(const store::StoreConfig& config) {
  const fs::path folder = store::data_folder(config);
  auto lock = store::claim_data_folder(folder);
  if (lock && may_write(folder)) return lock;
  if (!lock && lock.error().code != ErrorCode::io) return lock;
  const std::string why =
      lock ? folder.string() + ": the journal cannot be written there" : lock.error().detail;
  return schema::fail(ErrorCode::io, why +
                                         "; let this user write in it, or give another folder "
                                         "with --data");
}

}  // namespace

Result<ClaimedStore> claim_store(const store::StoreConfig& config) {
  if (auto there = check_not_gone(config); !there) return tl::make_unexpected(there.error());
  if (auto place = check_places(config.db); !place) return tl::make_unexpected(place.error());
  auto writer = store::RunWriter::open(config, WEIR_VERSION);
  if (!writer) {
    return schema::fail(writer.error().code, writer.error().detail + advice_on(writer.error()));
  }
  auto folder = claim_folder(config);
  if (!folder) return tl::make_unexpected(folder.error());
  return ClaimedStore{std::move(*writer), std::move(*folder)};
}

}  // namespace weir::broker
