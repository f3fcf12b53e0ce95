#include "store/config.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

using weir::store::data_folder;
using weir::store::make_data_folder;
using weir::store::StoreConfig;

namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("weir_store_config_" + std::to_string(::getpid()));
  Folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}

}  // namespace

TEST_CASE("the data folder stands beside the results file unless it is named", "[store][config]") {
  CHECK(data_folder({}) == "weir-data");
  CHECK(data_folder({.db = "/srv/load/results.db", .data = {}}) == "/srv/load/weir-data");
  CHECK(data_folder({.db = "/srv/load/results.db", .data = "/var/lib/weir"}) == "/var/lib/weir");
}

TEST_CASE("a data folder that is made is for its owner alone", "[store][config]") {
  const Folder folder;
  const StoreConfig config{.db = folder.path / "weir.db", .data = {}};
  const auto made = make_data_folder(config);
  REQUIRE(made);
  CHECK(*made == folder.path / "weir-data");
  CHECK(mode_of(*made) == 0700U);
}

TEST_CASE("a data folder that is there stays as it is", "[store][config]") {
  const Folder folder;
  const StoreConfig config{.db = "weir.db", .data = folder.path};
  ::chmod(folder.path.c_str(), 0750);
  REQUIRE(make_data_folder(config));
  CHECK(mode_of(folder.path) == 0750U);
}

TEST_CASE("a data folder that cannot be made is an error that names it", "[store][config]") {
  const Folder folder;
  std::ofstream{folder.path / "file"} << "x";
  for (const auto* name : {"file", "file/below", "no/such/parent"}) {
    const auto made = make_data_folder({.db = "weir.db", .data = folder.path / name});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == weir::schema::ErrorCode::io);
    CHECK_THAT(made.error().detail, Catch::Contains((folder.path / name).string()));
  }
}
