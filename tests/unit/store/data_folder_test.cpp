#include "store/data_folder.hpp"

#include <optional>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;

TEST_CASE("a data folder is made for its owner alone, and can be taken again",
          "[store][data_folder]") {
  const TempDir dir;
  for (const char* name : {"weir-data", "slash/"}) {
    REQUIRE(claim_data_folder(dir / name).has_value());
    CHECK(std::filesystem::status(dir / name).permissions() == std::filesystem::perms::owner_all);
    CHECK(claim_data_folder(dir / name).has_value());
  }
}

TEST_CASE("a data folder has one process, and a second one is told which", "[store][data_folder]") {
  const TempDir dir;
  std::filesystem::create_directory_symlink(dir / "weir-data", dir / "link");
  auto first = std::optional{claim_data_folder(dir / "weir-data")};
  REQUIRE(first->has_value());
  for (const char* name : {"weir-data", "link"}) {
    const auto second = claim_data_folder(dir / name);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == ErrorCode::locked);
    CHECK(second.error().detail == (dir / name).string() + " is used by another weir (pid " +
                                       std::to_string(::getpid()) + ", lock " +
                                       (dir / "weir-data" / "lock").string() +
                                       "); stop it, or give another folder with --data");
  }
  first.reset();
  CHECK(claim_data_folder(dir / "weir-data").has_value());
}

TEST_CASE("a data folder that cannot be made says why", "[store][data_folder]") {
  const TempDir dir;
  const auto nowhere = claim_data_folder(dir / "no" / "weir-data");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == ErrorCode::io);
  CHECK_THAT(nowhere.error().detail, Catch::Contains("No such file or directory"));
  CHECK(claim_data_folder("").error().code == ErrorCode::invalid_setting);
  { RawDatabase{dir / "file"}.execute("CREATE TABLE t (a)"); }
  CHECK(claim_data_folder(dir / "file").error().code == ErrorCode::io);
}
