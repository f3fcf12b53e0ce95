#include "broker/config.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "broker/config_print.hpp"
#include "schema/error.hpp"

using namespace std::chrono_literals;
using weir::broker::Config;
using weir::broker::load_config;
using weir::broker::LoadedConfig;
using weir::broker::Sources;

namespace {

// A file that is gone with the test.
class TempFile {
 public:
  explicit TempFile(std::string_view text) {
    std::string name = (std::filesystem::temp_directory_path() / "weir_config_XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    REQUIRE(::close(descriptor) == 0);
    path_ = name;
    std::ofstream{path_} << text;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  TempFile(TempFile&&) = delete;
  TempFile& operator=(TempFile&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

LoadedConfig must_load(const Sources& sources) {
  auto loaded = load_config(sources);
  INFO((loaded ? "" : loaded.error().detail));
  REQUIRE(loaded);
  return *loaded;
}

std::string must_refuse(const Sources& sources) {
  const auto loaded = load_config(sources);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == weir::schema::ErrorCode::invalid_setting);
  return loaded.error().detail;
}

std::string refusal_of_file(std::string_view text) {
  const TempFile file{text};
  std::string detail = must_refuse({file.path(), {}, {}});
  // The path differs from run to run.
  for (auto at = detail.find(file.path()); at != std::string::npos; at = detail.find(file.path())) {
    detail.replace(at, file.path().size(), "F");
  }
  return detail;
}

}  // namespace

TEST_CASE("without any source the settings are the documented defaults", "[broker][config]") {
  const Config config = must_load({}).config;
  CHECK(config.ingest.endpoints == std::vector<std::string>{"tcp://127.0.0.1:7071"});
  CHECK(config.feed.endpoint == "tcp://127.0.0.1:7073");
  CHECK(config.feed.tick == 1s);
  CHECK(config.relay.endpoint.empty());
  CHECK(config.run.end_grace == 5s);
  CHECK(config.run.idle_timeout == 60s);
  CHECK(config.run.late_grace == 600s);
  CHECK(config.store.hits_max_per_run == 100'000);
  CHECK_FALSE(config.labels.keep_query);
  CHECK(config.limits.frame_bytes == 16'777'216);
  CHECK_FALSE(config.security.insecure_bind);
}

TEST_CASE("a flag comes before the environment, that before the file, that before the default",
          "[broker][config]") {
  const TempFile file{"[feed]\ntick_ms = 200\nsndhwm = 20\nlabels_max = 2\n"};
  const LoadedConfig loaded = must_load({file.path(),
                                         {{"WEIR_FEED_TICK_MS", "300"}, {"WEIR_FEED_SNDHWM", "30"}},
                                         {{"feed.tick_ms", "400", "--tick-ms"}}});
  CHECK(loaded.config.feed.tick == 400ms);
  CHECK(loaded.config.feed.sndhwm == 30);
  CHECK(loaded.config.feed.labels_max == 2);
  CHECK(loaded.config.feed.errors_max == 20);
  CHECK(loaded.origins ==
        decltype(loaded.origins){{"feed.tick_ms", "flag --tick-ms"},
                                 {"feed.sndhwm", "environment WEIR_FEED_SNDHWM"},
                                 {"feed.labels_max", "file:" + file.path() + ":4"}});
}

TEST_CASE("every kind of value is read from a file", "[broker][config]") {
  const TempFile file{R"([ingest]
endpoints = ["tcp://127.0.0.1:1", "ipc:///tmp/weir"]
max_msg_bytes = 100_000_000
[run]
end_grace_s = 0.5
late_grace_s = 0
[store]
keep_query = true
[log]
level = "debug"
)"};
  const Config config = must_load({file.path(), {}, {}}).config;
  CHECK(config.ingest.endpoints ==
        std::vector<std::string>{"tcp://127.0.0.1:1", "ipc:///tmp/weir"});
  CHECK(config.ingest.max_msg_bytes == 100'000'000);
  CHECK(config.run.end_grace == 500ms);
  CHECK(config.run.late_grace == 0s);
  CHECK(config.labels.keep_query);
  CHECK(config.log.level == "debug");
}

TEST_CASE("the environment gives lists with commas and fractions of a second", "[broker][config]") {
  const Config config =
      must_load({std::nullopt,
                 {{"WEIR_INGEST_ENDPOINTS", "tcp://127.0.0.1:1,tcp://127.0.0.1:2"},
                  {"WEIR_RUN_END_GRACE_S", "0.25"},
                  {"WEIR_STORE_KEEP_QUERY", "1"}},
                 {}})
          .config;
  CHECK(config.ingest.endpoints ==
        std::vector<std::string>{"tcp://127.0.0.1:1", "tcp://127.0.0.1:2"});
  CHECK(config.run.end_grace == 250ms);
  CHECK(config.labels.keep_query);
}

TEST_CASE("a list flag given twice adds up and replaces the environment's list",
          "[broker][config]") {
  const Config config = must_load({std::nullopt,
                                   {{"WEIR_INGEST_ENDPOINTS", "tcp://127.0.0.1:9"}},
                                   {{"ingest.endpoints", "tcp://127.0.0.1:1", "--ingest"},
                                    {"ingest.endpoints", "tcp://127.0.0.1:2", "--ingest"}}})
                            .config;
  CHECK(config.ingest.endpoints ==
        std::vector<std::string>{"tcp://127.0.0.1:1", "tcp://127.0.0.1:2"});
}

TEST_CASE("an unknown name is refused with the most likely one", "[broker][config]") {
  CHECK(refusal_of_file("[feed]\n\ntikc_ms = 5\n") ==
        "F:3: unknown setting feed.tikc_ms; did you mean feed.tick_ms?");
  CHECK(refusal_of_file("[run]\ntick_ms = 500\n") ==
        "F:2: unknown setting run.tick_ms; did you mean feed.tick_ms?");
  CHECK(refusal_of_file("tick_ms = 500\n") ==
        "F:1: unknown setting tick_ms; did you mean feed.tick_ms?");
  CHECK(refusal_of_file("[fed]\ntick_ms = 500\n") ==
        "F:2: unknown setting fed.tick_ms; did you mean feed.tick_ms?");
  CHECK(refusal_of_file("[zebra]\nstripes = 5\n") == "F:2: unknown setting zebra.stripes");
  CHECK(refusal_of_file("[feed.more]\nstripes = 5\n") == "F:1: unknown setting feed.more");
  CHECK(must_refuse({std::nullopt, {{"WEIR_FEED_TICKMS", "5"}}, {}}) ==
        "unknown environment variable WEIR_FEED_TICKMS; did you mean WEIR_FEED_TICK_MS?");
  CHECK(must_refuse({std::nullopt, {{"WEIR_RUN_ID", "7"}}, {}}) ==
        "unknown environment variable WEIR_RUN_ID");
  CHECK(must_refuse({std::nullopt, {}, {{"feed.tic_ms", "5", "--set"}}}) ==
        "--set: unknown setting feed.tic_ms; did you mean feed.tick_ms?");
}

TEST_CASE("variables of other programs are left alone", "[broker][config]") {
  const LoadedConfig loaded =
      must_load({std::nullopt,
                 {{"WEIR", "x"}, {"WEIR_FEED", "x"}, {"WEIRD_FEED_TICK_MS", "5"}, {"A", ""}},
                 {}});
  CHECK(loaded.origins.empty());
}

TEST_CASE("a value of the wrong type or out of range is refused with file and line",
          "[broker][config]") {
  const std::string tick = "F:2: feed.tick_ms must be a number from 100 to 60000, not ";
  CHECK(refusal_of_file("[feed]\ntick_ms = \"fast\"") == tick + "\"fast\"");
  CHECK(refusal_of_file("[feed]\ntick_ms = 99") == tick + "99");
  CHECK(refusal_of_file("[feed]\ntick_ms = 60001") == tick + "60001");
  CHECK(refusal_of_file("[feed]\ntick_ms = nan") == tick + "that number");
  CHECK(refusal_of_file("[feed]\ntick_ms = -inf") == tick + "that number");
  CHECK(refusal_of_file("[feed]\ntick_ms = 2026-11-21") == tick + "a date or time");
  CHECK(refusal_of_file("[feed]\nsndhwm = 1.5") ==
        "F:2: feed.sndhwm must be a whole number from 1 to 1000000, not 1.5");
  CHECK(refusal_of_file("[feed]\nsndhwm = 9223372036854775807") ==
        "F:2: feed.sndhwm must be a whole number from 1 to 1000000, not 9223372036854775807");
  CHECK(refusal_of_file("[store]\nkeep_query = \"yes\"") ==
        "F:2: store.keep_query must be true or false, not \"yes\"");
  CHECK(refusal_of_file("[log]\nlevel = \"loud\"") ==
        "F:2: log.level must be one of \"off\", \"error\", \"warn\", \"info\", \"debug\", "
        "not \"loud\"");
  CHECK(refusal_of_file("[feed]\nendpoint = 7073") ==
        "F:2: feed.endpoint must be an endpoint such as \"tcp://127.0.0.1:7071\", not 7073");
  CHECK(refusal_of_file("[ingest]\nendpoints = []") ==
        "F:2: ingest.endpoints must be a list of 1 to 16 entries, each an endpoint such as "
        "\"tcp://127.0.0.1:7071\", not []");
  CHECK(must_refuse({std::nullopt, {{"WEIR_FEED_SNDHWM", "10x"}}, {}}) ==
        "WEIR_FEED_SNDHWM must be a whole number from 1 to 1000000, not \"10x\"");
  CHECK(must_refuse({std::nullopt, {}, {{"feed.tick_ms", "5", "--tick-ms"}}}) ==
        "--tick-ms must be a number from 100 to 60000, not 5");
}

TEST_CASE("values at the ends of a range are accepted", "[broker][config]") {
  CHECK(must_load({std::nullopt, {{"WEIR_FEED_TICK_MS", "100"}}, {}}).config.feed.tick == 100ms);
  CHECK(must_load({std::nullopt, {{"WEIR_FEED_TICK_MS", "60000"}}, {}}).config.feed.tick == 60s);
}

TEST_CASE("all problems of all sources are reported at once", "[broker][config]") {
  const TempFile file{"[feed]\ntick_ms = 5\ntock_ms = 6\n"};
  const std::string detail = must_refuse(
      {file.path(),
       {{"WEIR_LOG_LEVEL", "loud"}, {"WEIR_LOG_LEVELS", "x"}},
       {{"relay.endpoint", "tcp://*:7075", "--relay"}, {"feed.sndhwm", "0", "--set feed.sndhwm"}}});
  CHECK_THAT(detail, Catch::Contains(file.path() + ":2: feed.tick_ms must be"));
  CHECK_THAT(detail, Catch::Contains(file.path() + ":3: unknown setting feed.tock_ms"));
  CHECK_THAT(detail, Catch::Contains("\nWEIR_LOG_LEVEL must be one of"));
  CHECK_THAT(detail, Catch::Contains("\nunknown environment variable WEIR_LOG_LEVELS"));
  CHECK_THAT(detail, Catch::Contains("\n--set feed.sndhwm must be"));
  CHECK_THAT(detail, Catch::Contains("\nrelay.endpoint: tcp://*:7075 can be reached"));
  CHECK(std::count(detail.begin(), detail.end(), '\n') == 5);
}

TEST_CASE("a file that is missing or not TOML is refused with its name", "[broker][config]") {
  CHECK(must_refuse({"/nonexistent/weir.toml", {}, {}}) ==
        "/nonexistent/weir.toml: cannot be opened");
  CHECK_THAT(refusal_of_file("[feed]\ntick_ms 5\n"), Catch::StartsWith("F:2: "));
}

TEST_CASE("listening beyond loopback needs insecure_bind", "[broker][config]") {
  Config config;
  config.ingest.endpoints = {"tcp://127.0.0.1:7071", "tcp://0.0.0.0:7071"};
  config.feed.endpoint = "tcp://eth0:7073";
  config.relay.endpoint = "tcp://*:7075";
  const auto problems = weir::broker::validate(config);
  REQUIRE(problems.size() == 3);
  CHECK_THAT(problems[0], Catch::StartsWith("ingest.endpoints: tcp://0.0.0.0:7071 can be reached"));
  CHECK_THAT(problems[0], Catch::Contains("--insecure-bind"));
  CHECK_THAT(problems[1], Catch::StartsWith("feed.endpoint: "));
  CHECK_THAT(problems[2], Catch::StartsWith("relay.endpoint: "));
  config.security.insecure_bind = true;
  CHECK(weir::broker::validate(config).empty());
}

TEST_CASE("one port cannot serve two purposes, free ports can", "[broker][config]") {
  Config config;
  config.feed.endpoint = config.ingest.endpoints[0];
  CHECK(weir::broker::validate(config) ==
        std::vector<std::string>{
            "feed.endpoint: tcp://127.0.0.1:7071 is already taken by ingest.endpoints"});
  config.ingest.endpoints = {"tcp://127.0.0.1:*"};
  config.feed.endpoint = "tcp://127.0.0.1:*";
  CHECK(weir::broker::validate(config).empty());
}

TEST_CASE("ZeroMQ must let through what weir would accept", "[broker][config]") {
  Config config;
  config.ingest.max_msg_bytes = static_cast<std::int64_t>(config.limits.frame_bytes);
  CHECK(weir::broker::validate(config).empty());
  --config.ingest.max_msg_bytes;
  CHECK(weir::broker::validate(config).size() == 1);
}

TEST_CASE("only variables with the prefix are taken from the environment", "[broker][config]") {
  REQUIRE(::setenv("WEIR_CONFIG_TEST", "a=b", 1) == 0);
  REQUIRE(::setenv("OTHER_CONFIG_TEST", "c", 1) == 0);
  const auto variables = weir::broker::weir_environment();
  REQUIRE(::unsetenv("WEIR_CONFIG_TEST") == 0);
  REQUIRE(::unsetenv("OTHER_CONFIG_TEST") == 0);
  CHECK(variables.at("WEIR_CONFIG_TEST") == "a=b");
  CHECK_FALSE(variables.contains("OTHER_CONFIG_TEST"));
}
