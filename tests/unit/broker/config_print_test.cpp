#include "broker/config_print.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "broker/config.hpp"
#include "broker/settings.hpp"
#include "broker/toml_file.hpp"

using weir::broker::LoadedConfig;

namespace {

const std::filesystem::path kExample =
    std::filesystem::path{WEIR_SOURCE_DIR} / "docs" / "weir.example.toml";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::filesystem::path written(const std::string& name, const std::string& text) {
  auto path =
      std::filesystem::temp_directory_path() / (name + "_" + std::to_string(::getpid()) + ".toml");
  std::ofstream{path} << text;
  return path;
}

}  // namespace

TEST_CASE("the printed settings say where each value came from", "[broker][config_print]") {
  const auto loaded = weir::broker::load_config(
      {std::nullopt,
       {{"WEIR_RUN_END_GRACE_S", "0.5"}},
       {{"ingest.endpoints", "tcp://127.0.0.1:1,tcp://127.0.0.1:2", "--ingest"}}});
  REQUIRE(loaded);
  const std::string text = weir::broker::print_config(*loaded);
  CHECK_THAT(text, Catch::StartsWith("[ingest]\nendpoints = [\"tcp://127.0.0.1:1\", "
                                     "\"tcp://127.0.0.1:2\"]  # flag --ingest\n"));
  CHECK_THAT(text, Catch::Contains("\nend_grace_s = 0.5  # environment WEIR_RUN_END_GRACE_S\n"));
  CHECK_THAT(text, Catch::Contains("\n\n[relay]\nendpoint = \"\"  # default\n"));
  CHECK_THAT(text, Catch::Contains("\nframe_bytes = 16777216  # default\n"));
}

TEST_CASE("the printed settings read as a file give the same settings", "[broker][config_print]") {
  const auto loaded = weir::broker::load_config(
      {std::nullopt,
       {},
       {{"store.db", "a \"b\"\\c\n\x7f.db", "--db"}, {"run.idle_timeout_s", "0.125", "--set"}}});
  REQUIRE(loaded);
  const std::string text = weir::broker::print_config(*loaded);
  const auto path = written("weir_print", text);
  const auto again = weir::broker::load_config({path.string(), {}, {}});
  std::filesystem::remove(path);
  REQUIRE(again);
  CHECK(weir::broker::print_config({again->config, loaded->origins}) == text);
  CHECK(again->config.store.db == "a \"b\"\\c\n\x7f.db");
}

TEST_CASE("docs/weir.example.toml is in step with the settings; WEIR_UPDATE=1 rewrites it",
          "[broker][config_print]") {
  if (std::getenv("WEIR_UPDATE") != nullptr) {
    std::ofstream{kExample} << weir::broker::example_config();
  }
  CHECK(text_of(kExample) == weir::broker::example_config());
}

TEST_CASE("the example file lists every setting with its default", "[broker][config_print]") {
  std::istringstream example{text_of(kExample)};
  std::string uncommented;
  for (std::string line; std::getline(example, line);) {
    const bool is_setting = line.starts_with("# ") && line.find(" = ") != std::string::npos;
    if (is_setting || line.starts_with("[")) uncommented += line.substr(is_setting ? 2 : 0) + "\n";
  }
  const auto path = written("weir_example", uncommented);
  const auto found = weir::broker::read_toml_file(path.string());
  // The relay has no endpoint by default, and "" must be accepted for that.
  const auto loaded = weir::broker::load_config({path.string(), {}, {}});
  std::filesystem::remove(path);

  REQUIRE(found);
  std::set<std::string> listed;
  for (const auto& setting : *found) listed.insert(setting.name);
  CHECK(listed.size() == weir::broker::settings().size());
  INFO((loaded ? "" : loaded.error().detail));
  REQUIRE(loaded);
  CHECK(weir::broker::print_config({loaded->config, {}}) ==
        weir::broker::print_config(LoadedConfig{}));
}
