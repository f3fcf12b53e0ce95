#include "aggregator/label_template.hpp"

#include <random>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace weir::aggregator {
namespace {

struct Case {
  std::string url, label;
};

const std::vector<Case> kTemplated{
    {"", ""},
    {"/", "/"},
    {"http://h", "http://h"},
    {"http://h/", "http://h/"},
    {"http://h/items/7", "http://h/items/{id}"},
    {"http://h/items/0", "http://h/items/{id}"},
    {"http://h/items/7/", "http://h/items/{id}/"},
    {"http://h/7//8", "http://h/{id}//{id}"},
    {"http://h/items/007/parts/12345678901234567890", "http://h/items/{id}/parts/{id}"},
    {"http://h/v2/items", "http://h/v2/items"},
    {"http://h/7a", "http://h/7a"},
    {"http://h/1.5", "http://h/1.5"},
    {"http://h/-7", "http://h/-7"},
    {"http://h/\u0667", "http://h/\u0667"},
    // Digits of a host or port are not of the path.
    {"http://127.0.0.1:8080/7", "http://127.0.0.1:8080/{id}"},
    {"http://12345/a", "http://12345/a"},
    {"http://[::1]:80/1", "http://[::1]:80/{id}"},
    {"http://h/a?x=1&y=/2/3", "http://h/a"},
    {"http://h/a#x/1", "http://h/a"},
    {"http://h?x=1", "http://h"},
    {"http://h#f", "http://h"},
    {"http://h/1#f?x", "http://h/{id}"},
    {"http://user:secret@h/a", "http://h/a"},
    {"http://user:p@ss@h/a", "http://h/a"},
    {"http://h/mail/a@b", "http://h/mail/a@b"},
    {"/items/7?x", "/items/{id}"},
    {"items/7", "items/{id}"},
    {"7", "{id}"},
    {"http://h/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "http://h/{id}"},
    {"http://h/3F2504E0-4F89-11D3-9A0C-0305E82C3301", "http://h/{id}"},
    {"http://h/3f2504e0-4f89-11d3-9a0c-0305e82c330",
     "http://h/3f2504e0-4f89-11d3-9a0c-0305e82c330"},
    {"http://h/3f2504e0_4f89_11d3_9a0c_0305e82c3301",
     "http://h/3f2504e0_4f89_11d3_9a0c_0305e82c3301"},
    {"http://h/deadbeefdeadbeef", "http://h/{id}"},
    {"http://h/DEADbeefdeadBEEF", "http://h/{id}"},
    {"http://h/deadbeefdeadbee", "http://h/deadbeefdeadbee"},
    {"http://h/deadbeefdeadbeeg", "http://h/deadbeefdeadbeeg"},
    {"http://h/gB3gB3gB3gB3gB3gB3aB", "http://h/{id}"},
    {"http://h/gB3gB3gB3gB3gB3gB3_-", "http://h/{id}"},
    {"http://h/gB3gB3gB3gB3gB3gB3a", "http://h/gB3gB3gB3gB3gB3gB3a"},
    {"http://h/gb3gb3gb3gb3gb3gb3gb", "http://h/gb3gb3gb3gb3gb3gb3gb"},
    {"http://h/gBcgBcgBcgBcgBcgBcgB", "http://h/gBcgBcgBcgBcgBcgBcgB"},
    {"http://h/gB3gB3gB3gB3gB3gB3a.", "http://h/gB3gB3gB3gB3gB3gB3a."},
    // A URL inside a path has no authority of its own: everything left of it is path.
    {"/users/7/go/http://x/8", "/users/{id}/go/http://x/{id}"},
};

TEST_CASE("variable path segments become {id}", "[aggregator][label_template]") {
  for (const auto& [url, label] : kTemplated) {
    CAPTURE(url);
    CHECK(label_url(url, true) == label);
  }
}

TEST_CASE("a label is its own template", "[aggregator][label_template]") {
  for (const auto& [url, label] : kTemplated) {
    CAPTURE(url);
    CHECK(label_url(label, true) == label);
  }
}

TEST_CASE("without templating only user, query and fragment go", "[aggregator][label_template]") {
  CHECK(label_url("http://u:p@h/items/7/deadbeefdeadbeef?x=1#f", false) ==
        "http://h/items/7/deadbeefdeadbeef");
  CHECK(label_url("", false).empty());
}

TEST_CASE("templating agrees with the rules written as expressions",
          "[aggregator][label_template]") {
  const std::regex varies{
      "[0-9]+|"
      "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|"
      "[0-9a-fA-F]{16,}|"
      "(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_-]{20,}"};
  const std::vector<std::string> alphabets{
      "0123456789", "0123456789abcdef", "0123456789abcdefABCDEF",
      "aB3_-",      "abcXYZ",           "0123456789abcdef-",
      "a1.%"};
  std::mt19937 random{7};
  std::size_t variable = 0;
  for (int i = 0; i < 4'000; ++i) {
    const std::string& alphabet = alphabets[random() % alphabets.size()];
    std::string segment(1 + random() % 40, ' ');
    for (char& c : segment) c = alphabet[random() % alphabet.size()];
    if (i % 5 == 0 && segment.size() >= 36) {
      segment.resize(36);
      for (const std::size_t at : {8U, 13U, 18U, 23U}) segment[at] = '-';
    }
    const bool expected = std::regex_match(segment, varies);
    variable += expected ? 1 : 0;
    CAPTURE(segment);
    CHECK(label_url("http://h/a/" + segment + "/b", true) ==
          "http://h/a/" + (expected ? std::string{"{id}"} : segment) + "/b");
  }
  CHECK(variable > 500);
  CHECK(variable < 3'500);
}

TEST_CASE("every rule has a name and matches something", "[aggregator][label_template]") {
  const std::vector<std::string> examples{"7", "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
                                          "deadbeefdeadbeef", "gB3gB3gB3gB3gB3gB3aB"};
  REQUIRE(template_rules().size() == examples.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    CHECK_FALSE(template_rules()[i].name.empty());
    CHECK(template_rules()[i].matches(examples[i]));
    CHECK_FALSE(template_rules()[i].matches(""));
    CHECK_FALSE(template_rules()[i].matches("items"));
  }
}

TEST_CASE("a stored URL keeps its query only if asked to", "[aggregator][label_template]") {
  CHECK(stored_url("http://u:p@h/items/7?token=1#f", false) == "http://h/items/7");
  CHECK(stored_url("http://u:p@h/items/7?token=1#f", true) == "http://h/items/7?token=1#f");
  CHECK(stored_url("/a?b", false) == "/a");
}

}  // namespace
}  // namespace weir::aggregator
