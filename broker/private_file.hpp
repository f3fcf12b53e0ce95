#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::broker {

// Whom a file of secrets or permissions must be kept from.
enum class KeptFrom : std::uint8_t { readers, writers };

inline constexpr std::size_t kMaxPrivateFileBytes = std::size_t{1} << 20;

// The text of a regular file that others cannot read, or cannot write. Errors: not_found, io (it
// cannot be read, or others can), too_large (over 1 MiB). No error quotes its text.
schema::Result<std::string> read_private_file(const std::filesystem::path& path, KeptFrom others);

// Puts a text in place of a file, whole or not at all, mode 0600; with `replace` false only if
// there is none. It is on the disk when this returns. Errors: io, locked (it is there already).
schema::Result<void> write_private_file(const std::filesystem::path& path, std::string_view text,
                                        bool replace = true);

// Takes the text up to the next separator off the front, as lines and their fields are read.
std::string_view take_field(std::string_view& text, char separator);

// Held by whoever changes a file, so that of two changes none is lost: waits for <path>.lock,
// which stays. Throws std::runtime_error if it cannot be made.
class FileChange {
 public:
  explicit FileChange(const std::filesystem::path& path);
  ~FileChange();
  FileChange(const FileChange&) = delete;
  FileChange& operator=(const FileChange&) = delete;

 private:
  int descriptor_;
};

// Notices that a file became another one. Used by one thread.
class FileWatch {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kLookEvery{1};

  explicit FileWatch(std::filesystem::path path);

  // Whether it is there and differs from what it was at the last look, or at the start; looks at
  // most once a kLookEvery.
  bool changed(Clock::time_point now);
  // It could not be read: it counts as changed at the next look.
  void look_again() { last_.reset(); }

 private:
  struct Looks {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool operator==(const Looks&) const = default;
  };
  std::optional<Looks> look() const;

  std::filesystem::path path_;
  std::optional<Looks> last_;
  Clock::time_point looked_;
};

}  // namespace weir::broker
