#include "runners/cpp/http_request.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace weir::runners {
namespace {

using namespace std::chrono_literals;

HttpRequest to(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

void must_refuse(const HttpRequest& request, const std::string& text) {
  const schema::Result<HttpRequest> result = complete(request);
  INFO(text);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == schema::ErrorCode::invalid_setting);
  CHECK(result.error().detail.find("'" + text + "'") != std::string::npos);
}

TEST_CASE("a request is a GET of its URL unless it says otherwise", "[runners][http_request]") {
  CHECK(complete(to("http://h/x?y=1"))->url == "http://h/x?y=1");
  CHECK(complete(to("http://h"))->method == "GET");
  HttpRequest post = to("https://h/");
  post.has_body = true;
  CHECK(complete(post)->method == "POST");
  post.method = "PUT";
  CHECK(complete(post)->method == "PUT");
}

TEST_CASE("a URL without a scheme is http", "[runners][http_request]") {
  CHECK(complete(to("localhost:8080/a"))->url == "http://localhost:8080/a");
  CHECK(complete(to("127.0.0.1"))->url == "http://127.0.0.1/");
  CHECK(complete(to("[::1]:80/x"))->url == "http://[::1]:80/x");
}

TEST_CASE("what is no HTTP URL is refused", "[runners][http_request]") {
  for (const char* url : {"", "http://", "http://h:99999/", "ftp://h/", "file:///etc/passwd",
                          "http://a b/", "http://h:x/"}) {
    must_refuse(to(url), url);
  }
}

TEST_CASE("methods and headers that could smuggle a second request are refused",
          "[runners][http_request]") {
  for (const char* method : {"GET / HTTP/1.1\r\nX", "G T", "GET\n", "é"}) {
    HttpRequest request = to("http://h/");
    request.method = method;
    must_refuse(request, method);
  }
  for (const char* header : {"no colon", "a b: c", "X: 1\r\nY: 2", ": empty name", "X: 1\n"}) {
    HttpRequest request = to("http://h/");
    request.headers = {header};
    must_refuse(request, header);
  }
  HttpRequest good = to("http://h/");
  good.headers = {"X-A: b:c", "Accept:", "X-Empty;"};
  good.method = "M-SEARCH";
  CHECK(complete(good).has_value());
}

TEST_CASE("nothing waits for a 100-continue unless the headers ask for it",
          "[runners][http_request]") {
  CHECK(complete(to("http://h/"))->headers == std::vector<std::string>{"Expect:"});
  for (const char* header : {"Expect: 100-continue", "expect;", "EXPECT:"}) {
    HttpRequest request = to("http://h/");
    request.headers = {header};
    CHECK(complete(request)->headers == request.headers);
  }
  HttpRequest other = to("http://h/");
  other.headers = {"Expectation: 1", "Exp: 2"};
  CHECK(complete(other)->headers.size() == 3);
}

TEST_CASE("a request has a timeout, and not for ever", "[runners][http_request]") {
  HttpRequest request = to("http://h/");
  for (const std::chrono::milliseconds timeout : {0ms, -1ms, 86'400'001ms}) {
    request.timeout = timeout;
    CHECK_FALSE(complete(request).has_value());
  }
  for (const std::chrono::milliseconds timeout : {1ms, 86'400'000ms}) {
    request.timeout = timeout;
    CHECK(complete(request).has_value());
  }
}

TEST_CASE("what is shown of a URL has no user, password or fragment", "[runners][http_request]") {
  CHECK(public_url(to("http://me:secret@h:81/a/b?q=1#frag")) == "http://h:81/a/b?q=1");
  CHECK(public_url(to("http://h/")) == "http://h/");
  CHECK(url_path(to("http://me@h/a/b?q=1")) == "/a/b");
  CHECK(url_path(to("http://h")) == "/");
}

}  // namespace
}  // namespace weir::runners
