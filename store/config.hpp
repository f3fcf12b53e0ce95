#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

namespace weir::store {

// The results store.
struct StoreConfig {
  std::filesystem::path db = "weir.db";
  std::size_t hits_max_per_run = 100'000;  // raw successes kept, and as many failures; then counted
  std::size_t queue_rows = 200'000;  // waiting for the disk, raw hits at most half; then counted
  std::chrono::milliseconds busy_timeout{5'000};  // at open, for who else holds the file
};

}  // namespace weir::store
