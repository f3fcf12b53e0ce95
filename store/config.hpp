#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

#include "schema/error.hpp"

namespace weir::store {

// The results store.
struct StoreConfig {
  std::filesystem::path db = "weir.db";
  std::filesystem::path data;  // journal and keys; empty: weir-data beside the results file
  std::size_t hits_max_per_run = 100'000;  // raw successes kept, and as many failures; then counted
  std::size_t queue_rows = 200'000;  // waiting for the disk, raw hits at most half; then counted
  std::chrono::milliseconds checkpoint{10'000};   // the longest time between two
  std::chrono::milliseconds busy_timeout{5'000};  // at open, for who else holds the file
  int retention_days = 0;                         // then an ended run is deleted; 0: never
  std::size_t max_bytes = 0;  // of the file; more: runs are deleted, the oldest first; 0: no limit
};

// The folder with what the broker keeps beside the results file. It need not be there.
std::filesystem::path data_folder(const StoreConfig& config);

// The same, made for its owner alone (0700) if it is not there; one that is there is left as it
// is. Errors: io.
schema::Result<std::filesystem::path> make_data_folder(const StoreConfig& config);

}  // namespace weir::store
