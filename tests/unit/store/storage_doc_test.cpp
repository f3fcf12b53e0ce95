#include <fstream>
#include <sstream>

#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store_test;

namespace {

std::string storage_page() {
  std::ostringstream text;
  text << std::ifstream{WEIR_SOURCE_DIR "/docs/storage.md"}.rdbuf();
  return text.str();
}

// The blocks of the page marked as SQL.
std::vector<std::string> queries_of(const std::string& page) {
  const std::string open = "```sql\n";
  std::vector<std::string> queries;
  for (auto at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const auto end = page.find("```", at);
    REQUIRE(end != std::string::npos);
    queries.push_back(page.substr(at, end - at));
  }
  return queries;
}

}  // namespace

TEST_CASE("every query of the storage page works and finds something", "[store][storage_doc]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  RawDatabase raw{dir / "a.db"};
  const auto queries = queries_of(storage_page());
  CHECK(queries.size() >= 10);
  for (const std::string& query : queries) {
    INFO(query);
    const auto rows = raw.rows(query);
    CHECK_FALSE(rows.empty());
  }
}

TEST_CASE("the storage page's queries answer correctly", "[store][storage_doc]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  RawDatabase raw{dir / "a.db"};
  const auto answer = [&](const std::string& title) {
    const std::string page = storage_page();
    const auto at = page.find("### " + title);
    INFO(title);
    REQUIRE(at != std::string::npos);
    return raw.rows(queries_of(page.substr(at)).front());
  };
  CHECK(answer("What the server answered") ==
        std::vector<std::string>{"200|181|95.26", "500|9|4.74"});
  CHECK(answer("The busiest second") ==
        std::vector<std::string>{"2026-11-21T20:01:40.000000Z|10.0|10|70.0"});
  CHECK(answer("Workers whose") == std::vector<std::string>{"w2|120|3|2|1|2.439"});
  CHECK(answer("Failures by class") ==
        std::vector<std::string>{
            "HTTP 500|10|1|2026-11-21T20:01:40.000000Z|2026-11-21T20:02:00.000000Z",
            "AssertionError|2|1|2026-11-21T20:01:40.000000Z|2026-11-21T20:02:00.000000Z"});
  // Run 2 is twice as slow everywhere.
  for (const std::string& row : answer("Two runs")) CHECK_THAT(row, Catch::Contains("|100."));
  CHECK(answer("Error rate").size() == 19);
  CHECK(answer("p95 of each label").size() == 6);
  CHECK(answer("Raw hits").size() == 2);
}

TEST_CASE("the storage page names every table and view", "[store][storage_doc]") {
  const TempDir dir;
  open_writer(dir / "a.db");
  RawDatabase raw{dir / "a.db"};
  const std::string page = storage_page();
  for (const std::string& name :
       raw.rows("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                "AND name NOT LIKE 'sqlite_%'")) {
    CHECK_THAT(page, Catch::Contains("| `" + name + "` |"));
  }
}
