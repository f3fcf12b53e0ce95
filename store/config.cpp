#include "store/config.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <sys/stat.h>

namespace weir::store {

std::filesystem::path data_folder(const StoreConfig& config) {
  return config.data.empty() ? config.db.parent_path() / "weir-data" : config.data;
}

schema::Result<std::filesystem::path> make_data_folder(const StoreConfig& config) {
  auto folder = data_folder(config);
  std::error_code unknown;  // is for mkdir() to tell
  if (std::filesystem::is_directory(folder, unknown)) return folder;
  if (::mkdir(folder.c_str(), 0700) == 0) return folder;
  const int code = errno;
  // Another weir may have been faster.
  if (code == EEXIST && std::filesystem::is_directory(folder, unknown)) return folder;
  return schema::fail(schema::ErrorCode::io, "cannot make the folder " + folder.string() + ": " +
                                                 std::generic_category().message(code));
}

}  // namespace weir::store
