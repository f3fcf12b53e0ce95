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
  if (::mkdir(folder.c_str(), 0700) == 0) {
    const auto named = folder.lexically_normal();
    const auto full = named.has_filename() ? named : named.parent_path();
    const auto around = full.has_parent_path() ? full.parent_path() : std::filesystem::path{"."};
    for (const auto& path : {folder, around}) {
      const auto synced = sync_folder(FileCalls{}, path);
      if (!synced) return fail(synced.error().code, synced.error().detail);
    }
  } else if (errno != EEXIST) {
    const schema::Error error =
        file_error("cannot create the data folder " + folder.string(), errno);
    return fail(ErrorCode::io, error.detail);
  }
  return StoreLock::acquire_folder(folder);
}

}  // namespace weir::store
