#include "store/wal_index.hpp"

#include <fstream>

#include <sys/stat.h>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

struct stat status_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status;
}

std::uint64_t disk_bytes(const std::filesystem::path& path) {
  return static_cast<std::uint64_t>(status_of(path).st_blocks) * 512;
}

}  // namespace

TEST_CASE("the index of the log has room on the disk before SQLite needs it",
          "[store][wal_index]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  REQUIRE(writer.write({}).has_value());
  const auto index = dir / "a.db-shm";
  CHECK(disk_bytes(index) >= std::uint64_t{1} << 20);
  CHECK(status_of(index).st_size < 1 << 20);  // what is reserved is not part of the index yet
}

TEST_CASE("a long log has a longer index, and room for that", "[store][wal_index]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  REQUIRE(writer.write({}).has_value());
  WalIndex index{dir / "a.db"};
  constexpr std::uint64_t kGibibyte = std::uint64_t{1} << 30;
  REQUIRE(index.reserve(kGibibyte).has_value());
  CHECK(disk_bytes(dir / "a.db-shm") >=
        3 * (std::uint64_t{1} << 20));  // 64 parts of 32 KiB, and 1 MiB
}

TEST_CASE("the locks of SQLite are still there after a reservation", "[store][wal_index]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  REQUIRE(writer.write({}).has_value());
  std::ifstream locks{"/proc/locks"};
  const std::string inode = ":" + std::to_string(status_of(dir / "a.db-shm").st_ino) + " ";
  std::string line;
  bool held = false;
  while (std::getline(locks, line)) held = held || line.find(inode) != std::string::npos;
  CHECK(held);
}

TEST_CASE("without a log there is nothing to reserve", "[store][wal_index]") {
  const TempDir dir;
  CHECK(WalIndex{dir / "none.db"}.reserve(0).has_value());
  CHECK(WalIndex{dir / "none.db"}.check_room().has_value());
}
