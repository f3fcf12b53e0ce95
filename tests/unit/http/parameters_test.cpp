#include "http/parameters.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace weir::http;

namespace {

Request with(Query query) {
  Request request;
  request.query = std::move(query);
  return request;
}

// What is wrong with a query when it is read so.
template <class Read>
HttpError problem(const Query& query, Read read) {
  const Request request = with(query);
  Parameters given{request};
  read(given);
  const auto problem = given.problem();
  REQUIRE(problem.has_value());
  CHECK(problem->status == 400);
  return *problem;
}

}  // namespace

TEST_CASE("parameters that are not given have no value and are no problem", "[http][parameters]") {
  const Request request = with({});
  Parameters given{request};
  CHECK_FALSE(given.text("q"));
  CHECK_FALSE(given.number("limit", 1, 10));
  CHECK_FALSE(given.flag("force"));
  CHECK_FALSE(given.time("from"));
  CHECK_FALSE(given.duration("step"));
  CHECK(given.list("state").empty());
  CHECK(given.ranks("p").empty());
  CHECK_FALSE(given.problem());
}

TEST_CASE("parameters are read in their form", "[http][parameters]") {
  const Request request = with({{"q", "a b"},
                                {"limit", "10"},
                                {"force", "true"},
                                {"from", "2026-11-21T20:00:00Z"},
                                {"step", "1m30s"},
                                {"state", "running, finished"},
                                {"p", "50,99.99,50,100"},
                                {"order", "desc"}});
  Parameters given{request};
  CHECK(given.text("q") == "a b");
  CHECK(given.number("limit", 1, 10) == 10U);
  CHECK(given.flag("force") == true);
  CHECK(weir::schema::format_time(*given.time("from")) == "2026-11-21T20:00:00.000000Z");
  CHECK(given.duration("step") == std::chrono::seconds{90});
  CHECK(given.list("state") == std::vector<std::string>{"running", "finished"});
  CHECK(given.ranks("p") ==
        std::vector<Rank>{{"50", 500'000}, {"99.99", 999'900}, {"100", 1'000'000}});
  constexpr std::array<std::string_view, 2> kOrders{"asc", "desc"};
  CHECK(given.choice("order", kOrders) == 1U);
  CHECK_FALSE(given.problem());
}

TEST_CASE("a parameter out of its form or range is named", "[http][parameters]") {
  const auto number = [](Parameters& given) { given.number("limit", 1, 500); };
  for (const char* text : {"0", "501", "-1", "x", "1.5", "", "99999999999999999999"}) {
    INFO(text);
    CHECK(problem({{"limit", text}}, number).field == "limit");
  }
  const auto rank = [](Parameters& given) { given.ranks("p"); };
  for (const char* text : {"0", "100.1", "-5", "abc", "50,", "99.99999", "nan", "1e1", "inf"}) {
    INFO(text);
    CHECK(problem({{"p", text}}, rank).field == "p");
  }
  const auto step = [](Parameters& given) { given.duration("step"); };
  for (const char* text : {"0s", "500ms", "1.5s", "10", "soon"}) {
    INFO(text);
    CHECK(problem({{"step", text}}, step).field == "step");
  }
  CHECK(problem({{"from", "yesterday"}}, [](Parameters& given) { given.time("from"); }).field ==
        "from");
  CHECK(problem({{"force", "maybe"}}, [](Parameters& given) { given.flag("force"); }).field ==
        "force");
}

TEST_CASE("a parameter given twice, too long, or that nobody knows is a problem",
          "[http][parameters]") {
  const auto read = [](Parameters& given) { given.text("q"); };
  CHECK(problem({{"q", "a"}, {"q", "b"}}, read).field == "q");
  CHECK(problem({{"q", std::string(Parameters::kMaxTextBytes + 1, 'x')}}, read).field == "q");
  const HttpError unknown = problem({{"query", "a"}}, read);
  CHECK(unknown.code == "unknown_parameter");
  CHECK(unknown.field == "query");
}

TEST_CASE("the first of several problems is told", "[http][parameters]") {
  const HttpError first =
      problem({{"limit", "x"}, {"offset", "y"}}, [](Parameters& given) { page_of(given); });
  CHECK(first.field == "limit");
}
