#include "http/router.hpp"

#include "tests/unit/http/http_fixture.hpp"

using namespace weir::http;
using weir::http_test::request;

namespace {

Router small_router() {
  const Handler none = [](Request&) -> Handled { return Response{}; };
  return Router{{
      {Method::get, "/", Access::open, Place::loop, none},
      {Method::get, "/runs", Access::look, Place::loop, none},
      {Method::get, "/runs/{run}", Access::look, Place::loop, none},
      {Method::delete_, "/runs/{run}", Access::administer, Place::loop, none},
      {Method::post, "/runs/{run}/stop", Access::administer, Place::loop, none},
  }};
}

std::string path_of(Request& asked) {
  const Router router = small_router();
  const auto found = router.find(asked);
  return found ? std::string{(*found)->path} : std::string{};
}

int status_of(Method method, std::string_view target) {
  Request asked = request(method, target);
  const auto found = small_router().find(asked);
  REQUIRE_FALSE(found);
  return found.error().status;
}

}  // namespace

TEST_CASE("a request finds its route by method and path", "[http][router]") {
  Request asked = request(Method::get, "/runs/7?x=1");
  CHECK(path_of(asked) == "/runs/{run}");
  CHECK(asked.run == "7");
  CHECK(asked.path == "/runs/7");
  asked = request(Method::post, "/runs/a%20b/stop");
  CHECK(path_of(asked) == "/runs/{run}/stop");
  CHECK(asked.run == "a b");
  asked = request(Method::head, "/runs");
  CHECK(path_of(asked) == "/runs");
}

TEST_CASE("the query is decoded, with + as a space, and empty parts are nothing",
          "[http][router]") {
  Request asked = request(Method::get, "/runs?q=a+b%2Bc&&empty&tag=branch%3Amain%26x");
  REQUIRE(small_router().find(asked));
  CHECK(asked.query == Query{{"q", "a b+c"}, {"empty", ""}, {"tag", "branch:main&x"}});
}

TEST_CASE("what is nowhere is 404, what is elsewhere by method is 405", "[http][router]") {
  CHECK(status_of(Method::get, "/nothing") == 404);
  CHECK(status_of(Method::get, "/runs/") == 404);
  CHECK(status_of(Method::get, "/runs/7/stop/now") == 404);
  CHECK(status_of(Method::post, "/runs/7") == 405);
  CHECK(status_of(Method::other, "/") == 405);
  CHECK(small_router().allowed("/runs/7") == "GET, HEAD, DELETE");
  CHECK(small_router().allowed("/nothing").empty());
}

TEST_CASE("a target that is none is 400", "[http][router]") {
  for (const char* target : {"", "runs", "*", "http://h/runs", "/runs#x", "/runs?q=%",
                             "/runs?q=%zz", "/runs?q=%ff", "/runs?q=%00", "/runs/%c3%28"}) {
    INFO(target);
    CHECK(status_of(Method::get, target) == 400);
  }
  std::string many = "/runs?";
  for (int i = 0; i < 65; ++i) many += "a=1&";
  CHECK(status_of(Method::get, many) == 400);
}
