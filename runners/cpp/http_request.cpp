#include "runners/cpp/http_request.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

#include <curl/curl.h>

namespace weir::runners {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

schema::Result<Url> parse_url(const std::string& text) {
  const std::string whole = text.find("://") == std::string::npos ? "http://" + text : text;
  Url url{curl_url()};
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, whole.c_str(), 0);
  if (code == CURLUE_OK) return url;
  return schema::fail(schema::ErrorCode::invalid_setting,
                      "'" + text + "' is not a URL: " + curl_url_strerror(code));
}

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string part_text{text};
  curl_free(text);
  return part_text;
}

// The characters of an HTTP token.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return alphanumeric || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

// "Name: value", or "Name:" and "Name;" as in curl: without this header, and with an empty one.
bool is_header(std::string_view text) {
  const bool one_line = std::none_of(text.begin(), text.end(),
                                     [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return one_line && is_token(text.substr(0, text.find_first_of(":;"))) &&
         text.find_first_of(":;") != std::string_view::npos;
}

// Header names are the same in upper and lower case.
bool is_expect(const std::string& header) {
  constexpr std::string_view kName = "expect";
  const std::string_view name{header.data(), header.find_first_of(":;")};
  return std::equal(name.begin(), name.end(), kName.begin(), kName.end(),
                    [](char c, char lower) { return (c | 0x20) == lower; });
}

}  // namespace

schema::Result<HttpRequest> complete(HttpRequest request) {
  const auto refuse = [](const std::string& why) {
    return schema::fail(schema::ErrorCode::invalid_setting, why);
  };
  const schema::Result<Url> url = parse_url(request.url);
  if (!url) return tl::unexpected(url.error());
  const std::string scheme = part_of(*url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return refuse("'" + request.url + "' is neither http nor https");
  }
  request.url = part_of(*url, CURLUPART_URL);
  if (request.method.empty()) request.method = request.has_body ? "POST" : "GET";
  if (!is_token(request.method)) return refuse("'" + request.method + "' is not an HTTP method");
  for (const std::string& header : request.headers) {
    if (!is_header(header)) return refuse("'" + header + "' is not a header like 'Name: value'");
  }
  if (std::none_of(request.headers.begin(), request.headers.end(), is_expect)) {
    // libcurl would wait for a server that does not know it, and the wait would look like latency.
    request.headers.emplace_back("Expect:");
  }
  if (request.timeout < std::chrono::milliseconds{1} || request.timeout > std::chrono::hours{24}) {
    return refuse("the timeout of a request must be 1ms to 24h");
  }
  return request;
}

std::string public_url(const HttpRequest& request) {
  const schema::Result<Url> url = parse_url(request.url);
  if (!url) return {};
  for (const CURLUPart secret : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    curl_url_set(url->get(), secret, nullptr, 0);
  }
  return part_of(*url, CURLUPART_URL);
}

std::string url_path(const HttpRequest& request) {
  const schema::Result<Url> url = parse_url(request.url);
  return url ? part_of(*url, CURLUPART_PATH) : std::string{};
}

}  // namespace weir::runners
