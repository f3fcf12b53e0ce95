#pragma once

#include <cstdint>
#include <string_view>

namespace weir::broker {

// What has happened to a message of a kind of ingest when it is answered: nothing (a crash costs
// what came since the last checkpoint), it is written (it survives the end of the process, not that
// of the machine), it is on the disk.
enum class Durability : std::uint8_t { off, os, disk };

// The value of a setting; off for any other text.
constexpr Durability durability_of(std::string_view setting) {
  if (setting == "disk") return Durability::disk;
  return setting == "os" ? Durability::os : Durability::off;
}

}  // namespace weir::broker
