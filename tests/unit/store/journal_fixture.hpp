#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/journal_folder.hpp"
#include "store/journal_reader.hpp"
#include "store/journal_repair.hpp"
#include "store/journal_writer.hpp"
#include "tests/unit/store/store_fixture.hpp"

namespace weir::store_test {

inline constexpr store::StoreId kStoreId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

// A record that has its own key and bytes by its position.
struct SampleRecord {
  std::uint64_t position = 0;
  std::string key, bytes;

  store::JournalRecord record() const {
    return {position, at_us(static_cast<std::int64_t>(position)),
            position % 2 == 0 ? store::SourceKind::acked_batch : store::SourceKind::loads_frame,
            key, bytes};
  }
  bool operator==(const store::JournalRecord& other) const {
    const store::JournalRecord own = record();
    return own.position == other.position && own.arrival == other.arrival &&
           own.source == other.source && own.key == other.key && own.bytes == other.bytes;
  }
};

inline SampleRecord sample(std::uint64_t position, std::size_t size_bytes = 0) {
  const std::string number = std::to_string(position);
  SampleRecord made{position, "key-" + number, "{\"data_type\":\"add_hit\",\"n\":" + number + "}"};
  if (size_bytes > made.bytes.size()) made.bytes.resize(size_bytes, '\0');
  return made;
}

// A sync takes milliseconds, and nothing that a test sees of a file depends on it.
inline store::FileCalls unsynced_calls() {
  store::FileCalls calls;
  calls.fsync = calls.fdatasync = [](int) { return 0; };
  return calls;
}

inline store::JournalConfig journal_config(const TempDir& dir,
                                           std::uint64_t segment_bytes = 1'024) {
  store::JournalConfig config;
  config.folder = dir.path();
  config.segment_bytes = segment_bytes;
  config.calls = unsynced_calls();
  return config;
}

inline store::JournalWriter open_journal(const store::JournalConfig& config,
                                         std::uint64_t next_position = 1) {
  auto writer = store::JournalWriter::open(config, kStoreId, "weir.db", next_position);
  INFO((writer ? "" : writer.error().detail));
  REQUIRE(writer.has_value());
  return std::move(*writer);
}

template <class T>
void must(const schema::Result<T>& result) {
  INFO((result ? "" : result.error().detail));
  REQUIRE(result.has_value());
}

inline void must_append(store::JournalWriter& writer, const SampleRecord& sample) {
  const auto position = writer.append(sample.record());
  must(position);
  REQUIRE(*position == sample.position);
}

// Samples first ... last, synced in groups of so many.
inline void must_journal(store::JournalWriter& writer, std::uint64_t first, std::uint64_t last,
                         std::uint64_t group = 1, std::size_t size_bytes = 0) {
  for (std::uint64_t position = first; position <= last; ++position) {
    must_append(writer, sample(position, size_bytes));
    if ((position - first + 1) % group != 0 && position != last) continue;
    must(writer.write());
    must(writer.sync());
    REQUIRE(writer.durable() == position);
  }
}

// The same without making it again and again.
inline bool is_sample(const store::JournalRecord& record, std::size_t size_bytes) {
  static std::map<std::pair<std::uint64_t, std::size_t>, SampleRecord> made;
  auto& one = made[{record.position, size_bytes}];
  if (one.position == 0) one = sample(record.position, size_bytes);
  return one == record;
}

struct Found {
  store::JournalReport report;
  std::vector<std::uint64_t> positions;
  bool as_written = true;  // every record is the sample of its position
};

inline Found read_back(const TempDir& dir, std::size_t size_bytes = 0,
                       const store::FileCalls& calls = {}) {
  Found found;
  auto report = store::read_journal(
      dir.path(), kStoreId,
      [&](const store::JournalRecord& record) -> schema::Result<void> {
        found.as_written = found.as_written && is_sample(record, size_bytes);
        found.positions.push_back(record.position);
        return {};
      },
      calls);
  must(report);
  found.report = std::move(*report);
  return found;
}

inline void must_settle(const TempDir& dir, const store::JournalReport& report) {
  must(store::truncate_torn(dir.path(), report, unsynced_calls()));
}

inline std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t position = first; position <= last; ++position) all.push_back(position);
  return all;
}

inline std::vector<std::filesystem::path> segments_in(const TempDir& dir) {
  const auto segments = store::list_segments(dir.path());
  must(segments);
  std::vector<std::filesystem::path> paths;
  for (const auto& segment : *segments) paths.push_back(segment.path);
  return paths;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::string bytes(std::filesystem::file_size(path), '\0');
  std::ifstream file{path, std::ios::binary};
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
  return bytes;
}

inline void overwrite(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file << bytes;
  REQUIRE(file.flush().good());
}

inline void flip_bit(const std::filesystem::path& path, std::uint64_t bit) {
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekg(static_cast<std::streamoff>(bit / 8));
  const int byte = file.get() ^ (1 << (bit % 8));
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(static_cast<char>(byte));
  REQUIRE(file.flush().good());
}

// Where the last entry of a segment begins, and where its bytes end: past the reader under test, by
// the magic that no sample contains.
inline std::size_t last_entry(const std::string& bytes) { return bytes.rfind("\xF7WJ1"); }

// Everything fails from one call on, so many times, with one error; all kinds of calls count.
class FailingCalls {
 public:
  FailingCalls(int first, int times, int code) : first_(first), times_(times), code_(code) {}

  store::FileCalls calls() {
    const store::FileCalls real = unsynced_calls();
    store::FileCalls failing = real;
    failing.open = [=, this](const char* path, int flags, mode_t mode) {
      return (flags & O_CREAT) != 0 && fails() ? -1 : real.open(path, flags, mode);
    };
    failing.pwrite = [=, this](int file, const void* bytes, std::size_t size, off_t at) {
      return fails() ? ssize_t{-1} : real.pwrite(file, bytes, size, at);
    };
    failing.allocate = [=, this](int file, off_t at, off_t size) {
      return fails() ? code_ : real.allocate(file, at, size);
    };
    failing.ftruncate = [=, this](int file, off_t size) {
      return fails() ? -1 : real.ftruncate(file, size);
    };
    failing.rename = [=, this](const char* from, const char* to) {
      return fails() ? -1 : real.rename(from, to);
    };
    if (syncs_fail) {
      failing.fsync = [=, this](int file) { return fails() ? -1 : real.fsync(file); };
      failing.fdatasync = [=, this](int file) { return fails() ? -1 : real.fdatasync(file); };
    }
    return failing;
  }
  bool has_failed() const { return made_ > first_; }

  bool syncs_fail = false;

 private:
  bool fails() {
    const int call = made_++;
    errno = code_;
    return call >= first_ && call < first_ + times_;
  }

  int first_, times_, code_;
  int made_ = 0;
};

}  // namespace weir::store_test
