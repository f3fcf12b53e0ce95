#include "store/data_folder.hpp"

#include <cerrno>

#include <sys/stat.h>

#include "store/file_calls.hpp"

namespace weir::store {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

Result<StoreLock> claim_data_folder(const std::filesystem::path& folder) {
  if (folder.empty()) return fail(ErrorCode::invalid_setting, "the data folder has no name");
  const bool made = ::mkdir(folder.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    const schema::Error error =
        file_error("cannot create the data folder " + folder.string(), errno);
    return fail(ErrorCode::io, error.detail);
  }
  const auto named = folder.lexically_normal();
  const auto full = named.has_filename() ? named : named.parent_path();
  const auto around = full.has_parent_path() ? full.parent_path() : std::filesystem::path{"."};
  // Who made it may have died before its name was safe. A folder around it that may not be read
  // was not weir's to make it in.
  for (const auto& path : {folder, around}) {
    const auto synced = sync_folder(FileCalls{}, path);
    if (!synced && made) return fail(synced.error().code, synced.error().detail);
  }
  return StoreLock::acquire_folder(folder);
}

}  // namespace weir::store
