#include "http/readiness.hpp"

#include <catch2/catch.hpp>

using namespace weir::http;
using std::chrono::milliseconds;

namespace {

std::vector<std::string> names(std::string_view broker, milliseconds age = milliseconds{0},
                               milliseconds tick = milliseconds{1'000}) {
  std::vector<std::string> names;
  for (const Cause& cause : causes_of(broker, age, tick)) names.emplace_back(cause.cause);
  return names;
}

using Names = std::vector<std::string>;
constexpr std::string_view kWell =
    R"({"journal":{"state":"ok","last_error":null},"store":{"sync_failed":false,"last_error":null}})";

}  // namespace

TEST_CASE("a broker that is well is ready", "[http][readiness]") {
  CHECK(names(kWell).empty());
  CHECK(names(R"({"journal":null,"store":{}})").empty());
}

TEST_CASE("each trouble has a cause of its own", "[http][readiness]") {
  CHECK(names("") == Names{"starting"});
  CHECK(names(R"({"http":{"accepting":false}})") == Names{"starting"});
  CHECK(names(R"({"journal":{"state":"no_space","last_error":"full"}})") == Names{"journal"});
  CHECK(
      names(
          R"({"journal":{"state":"failed","last_error":"EIO"},"store":{"last_error":"locked"}})") ==
      Names{"journal", "database"});
  CHECK(names(R"({"store":{"sync_failed":true,"last_error":null}})") == Names{"database"});
  CHECK(names(kWell, milliseconds{5'001}) == Names{"lag"});
}

TEST_CASE("five ticks without a word are too long, and never less than five seconds",
          "[http][readiness]") {
  CHECK(names(kWell, milliseconds{4'999}, milliseconds{100}).empty());
  CHECK(names(kWell, milliseconds{49'999}, milliseconds{10'000}).empty());
  CHECK(names(kWell, milliseconds{50'001}, milliseconds{10'000}) == Names{"lag"});
}
