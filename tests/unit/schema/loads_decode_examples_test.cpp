#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include "schema/loads_decode.hpp"
#include "schema/loads_encode.hpp"
#include "tests/support/loads_messages.hpp"

using weir::tests::Decoded;
using weir::tests::says_the_same;
namespace fs = std::filesystem;

namespace {

struct Example {
  std::string name;
  std::string text;
};

std::vector<Example> examples(const std::string& kind) {
  std::vector<Example> found;
  for (const auto& entry : fs::directory_iterator(WEIR_SOURCE_DIR "/schema/examples/" + kind)) {
    std::ifstream file(entry.path(), std::ios::binary);
    found.push_back(
        {entry.path().filename().string(), std::string(std::istreambuf_iterator<char>(file), {})});
  }
  std::sort(found.begin(), found.end(),
            [](const Example& a, const Example& b) { return a.name < b.name; });
  return found;
}

std::string before_dot(const std::string& name) { return name.substr(0, name.find('.')); }

// The data_type in the name of a valid example, if its first part is one.
bool is_data_type(const std::string& topic) {
  return topic != "envelope" && topic != "loads_status" && topic != "batch" && topic != "frame" &&
         topic != "counter";
}

std::string protocol_page() {
  std::ifstream file(WEIR_SOURCE_DIR "/docs/protocol.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void check_round_trip(const weir::schema::Message& message) {
  const std::string text = weir::schema::loads_encode(message);
  INFO(text);
  const Decoded again(text);
  REQUIRE(again.messages.size() == 1);
  CHECK(says_the_same(again.messages.front(), message));
  CHECK(weir::schema::loads_encode(again.messages.front()) == text);
}

}  // namespace

TEST_CASE("every valid example decodes, and encodes to an equal message",
          "[schema][loads_decode]") {
  const auto valid = examples("valid");
  REQUIRE(valid.size() >= 80);
  for (const Example& example : valid) {
    INFO(example.name);
    const Decoded decoded(example.text);
    for (const auto& refused : decoded.refused) INFO(refused.detail);
    CHECK(decoded.refused.empty());
    REQUIRE(!decoded.messages.empty());
    if (const std::string topic = before_dot(example.name); is_data_type(topic)) {
      CHECK(data_type(decoded.messages.front().body) == topic);
    }
    for (const auto& message : decoded.messages) check_round_trip(message);
  }
}

TEST_CASE("every invalid example is refused once, for the reason in its name",
          "[schema][loads_decode]") {
  const auto invalid = examples("invalid");
  REQUIRE(invalid.size() >= 80);
  for (const Example& example : invalid) {
    INFO(example.name);
    const Decoded decoded(example.text);
    CHECK(decoded.messages.empty());
    REQUIRE(decoded.refused.size() == 1);
    CHECK(to_string(decoded.refused.front().reason) == before_dot(example.name));
    CHECK(!decoded.refused.front().detail.empty());
  }
}

TEST_CASE("every example of the protocol page decodes", "[schema][loads_decode]") {
  const std::string page = protocol_page();
  const std::string start = "```json\n";
  std::size_t found = 0;
  for (std::size_t at = page.find(start); at != std::string::npos; at = page.find(start, at)) {
    at += start.size();
    const std::string example = page.substr(at, page.find("```", at) - at);
    INFO(example);
    const Decoded decoded(example);
    CHECK(decoded.refused.empty());
    CHECK(!decoded.messages.empty());
    ++found;
  }
  CHECK(found >= 9);
}

TEST_CASE("the protocol page names every reject reason", "[schema][loads_decode]") {
  const std::string page = protocol_page();
  for (std::size_t i = 0; i < weir::schema::kRejectReasons; ++i) {
    const std::string name(to_string(static_cast<weir::schema::ErrorCode>(i)));
    INFO(name);
    CHECK(page.find("`" + name + "`") != std::string::npos);
  }
}
