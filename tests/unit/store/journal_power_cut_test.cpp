#include <random>

#include <sys/stat.h>

#include "tests/unit/store/journal_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

// A disk whose unsynced writes are lost at a power cut, each sector for itself. All bytes are
// written once, so a lost one is the zero that was reserved.
class CuttableDisk {
 public:
  FileCalls calls() {
    FileCalls calls;
    calls.pwrite = [this](int file, const void* bytes, std::size_t size, off_t at) {
      const ssize_t written = ::pwrite(file, bytes, size, at);
      const off_t end = at + std::max<ssize_t>(written, 0);
      while (at < end) {
        const off_t stop = std::min(end, (at / 512 + 1) * 512);
        unsynced_[inode(file)].push_back({at, stop});
        at = stop;
      }
      return written;
    };
    calls.fdatasync = calls.fsync = [this](int file) {
      unsynced_.erase(inode(file));
      return 0;
    };
    return calls;
  }

  void cut_power(const TempDir& dir, std::mt19937& random) {
    for (const auto& path : segments_in(dir)) {
      const int file = ::open(path.c_str(), O_RDWR);
      REQUIRE(file >= 0);
      struct stat status {};
      REQUIRE(::fstat(file, &status) == 0);
      for (const auto& [from, to] : unsynced_[inode(file)]) {
        if (random() % 2 == 0 || to > status.st_size) continue;
        const std::string zeros(static_cast<std::size_t>(to - from), '\0');
        REQUIRE(::pwrite(file, zeros.data(), zeros.size(), from) == to - from);
      }
      ::close(file);
    }
    unsynced_.clear();
  }

 private:
  static ino_t inode(int file) {
    struct stat status {};
    REQUIRE(::fstat(file, &status) == 0);
    return status.st_ino;
  }

  std::map<ino_t, std::vector<std::pair<off_t, off_t>>> unsynced_;
};

// A few groups of records, synced or not, and then the power goes. Gives the last durable position.
std::uint64_t use_until_cut(const TempDir& dir, CuttableDisk& disk, std::uint64_t next,
                            std::mt19937& random) {
  JournalConfig config = journal_config(dir, 2'048);
  config.calls = disk.calls();
  auto writer = open_journal(config, next);
  for (auto groups = random() % 6; groups > 0; --groups) {
    for (auto records = random() % 8; records > 0; --records) {
      must_append(writer, sample(writer.next_position(), random() % 3 == 0 ? 700 : 0));
    }
    must(writer.write());
    if (random() % 3 != 0) must(writer.sync());
  }
  const std::uint64_t durable = writer.durable();
  disk.cut_power(dir, random);
  return durable;
}

}  // namespace

TEST_CASE("what was durable survives every power cut, in order and without an alarm",
          "[store][journal_power_cut]") {
  std::mt19937 random{20'261'121};
  int torn = 0;
  for (int life = 0; life < 60; ++life) {
    CAPTURE(life);
    const TempDir dir;
    std::uint64_t next = 1;
    for (int cut = 0; cut < 8; ++cut) {
      CuttableDisk disk;
      const std::uint64_t durable = use_until_cut(dir, disk, next, random);
      std::vector<std::uint64_t> positions;
      const auto report = read_journal(
          dir.path(), kStoreId, [&](const JournalRecord& record) -> schema::Result<void> {
            CHECK((sample(record.position) == record || sample(record.position, 700) == record));
            positions.push_back(record.position);
            return {};
          });
      must(report);
      CHECK(report->is_whole());
      CHECK(positions == from_to(1, positions.size()));
      CHECK(positions.size() >= durable);
      next = report->next_position;
      CHECK(next == positions.size() + 1);
      torn += report->torn_bytes > 0 ? 1 : 0;
      must_settle(dir, *report);
      const Found again = read_back(dir);
      CHECK(again.positions == positions);
      CHECK(again.report.torn_bytes == 0);
    }
  }
  CHECK(torn > 20);
}
