#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/ids.hpp"
#include "schema/loads_decode.hpp"
#include "tests/support/loads_messages.hpp"

using namespace weir::schema;
using weir::tests::Decoded;

namespace {

const std::string kOpen = R"({"data_type":"socket_open"})";
const std::string kClose = R"({"data_type":"socket_close"})";

// The data types got and the reasons refused, for example "socket_open !not_json socket_close":
// messages first, since their order among refusals is not kept here.
std::string outcome(const std::string& frame) {
  const Decoded decoded(frame);
  CHECK(decoded.counts.messages == decoded.messages.size());
  CHECK(decoded.counts.rejections == decoded.refused.size());
  std::string text;
  for (const Message& message : decoded.messages)
    text += std::string(data_type(message.body)) + " ";
  for (const auto& refused : decoded.refused)
    text += "!" + std::string(to_string(refused.reason)) + " ";
  if (!text.empty()) text.pop_back();
  return text;
}

std::string nested(std::size_t levels, const std::string& core) {
  return std::string(levels, '[') + core + std::string(levels, ']');
}

// An object of the given depth, its own level included.
std::string deep(std::size_t depth, const std::string& core = "1") {
  return R"({"data_type":"socket_open","x":)" + nested(depth - 1, core) + "}";
}

}  // namespace

TEST_CASE("white space and a byte order mark around a frame are ignored",
          "[schema][loads_decode]") {
  CHECK(outcome("\xEF\xBB\xBF \r\n\t" + kOpen + "\r\n \n") == "socket_open");
  CHECK(outcome("") == "!not_json");
  CHECK(outcome(" \n ") == "!not_json");
  CHECK(outcome("\xEF\xBB\xBF") == "!not_json");
}

TEST_CASE("a bad line costs one line", "[schema][loads_decode]") {
  CHECK(outcome(kOpen + "\nrubbish\n" + kClose + "\n") == "socket_open socket_close !not_json");
  CHECK(outcome("rubbish\n" + kOpen + "\n" + kClose) == "socket_open socket_close !not_json");
  CHECK(outcome(kOpen + "\n\n\r\n  \n" + kClose) == "socket_open socket_close");
  CHECK(outcome(kOpen + "\n{\"data_type\":\"sock\n" + kClose) ==
        "socket_open socket_close !not_json");
  CHECK(outcome(kOpen + "\n\xFF\n" + kClose) == "socket_open socket_close !not_json");
}

TEST_CASE("garbage that holds line ends is one bad frame", "[schema][loads_decode]") {
  CHECK(outcome("\x01garbage\nmore\n\xff\xfe") == "!not_json");
  CHECK(outcome("{broken\n{broken too\n") == "!not_json");
}

TEST_CASE("a line may hold an object, an array or a batch", "[schema][loads_decode]") {
  CHECK(outcome("[" + kOpen + "," + kOpen + "]\n" +
                R"({"data_type":"batch","counts":{"socket_close":[{}]}})") ==
        "socket_open socket_open socket_close");
}

TEST_CASE("a pretty-printed object or array is one document", "[schema][loads_decode]") {
  CHECK(outcome("{\n  \"data_type\":\n  \"socket_open\"\n}") == "socket_open");
  CHECK(outcome("[\n  " + kOpen + ",\n  " + kClose + "\n]") == "socket_open socket_close");
  CHECK(outcome("{\n\"data_type\":\"socket_open\",\n\"x\":NaN\n}") == "socket_open");
  CHECK(outcome("[\n" + kOpen + ",\n{\"x\":\"\\q\"},\n" + kClose + "\n]") ==
        "socket_open socket_close !not_json");
}

TEST_CASE("an element of an array costs only itself", "[schema][loads_decode]") {
  for (const char* bad : {R"({"x":"\q"})", "{\"x\":\"\xFF\"}", R"({"x":01})", R"({"x":tru})",
                          R"({"x":})", "", R"({"x":"]},[{\""}x)"}) {
    INFO(bad);
    CHECK(outcome("[" + kOpen + "," + bad + "," + kClose + "]") ==
          "socket_open socket_close !not_json");
  }
  CHECK(outcome("[" + kOpen + ",5,[" + kOpen + "],null," + kClose + "]") ==
        "socket_open socket_close !not_object !not_object !not_object");
  CHECK(outcome("[" + deep(32) + "," + deep(33) + "," + kClose + "]") ==
        "socket_open socket_close !too_deep");
}

TEST_CASE("an array that can not be taken apart is refused once", "[schema][loads_decode]") {
  CHECK(outcome("[" + kOpen + ",{\"x\":\"]") == "!not_json");
  CHECK(outcome("[" + kOpen + "]]") == "!not_json");
  CHECK(outcome("[" + kOpen + "}") == "!not_json");
  CHECK(outcome("[" + kOpen) == "!not_json");
}

TEST_CASE("an empty array holds nothing", "[schema][loads_decode]") {
  CHECK(outcome("[]").empty());
}

TEST_CASE("32 levels are accepted and 33 are refused", "[schema][loads_decode]") {
  // An innermost array may be full or empty: an empty one is a level as well.
  for (const char* core : {"1", "[]", "{}"}) {
    const std::size_t own = std::string(core) == "1" ? 0 : 1;
    INFO(core);
    CHECK(outcome(deep(31 - own, core)) == "socket_open");
    CHECK(outcome(deep(32 - own, core)) == "socket_open");
    CHECK(outcome(deep(33 - own, core)) == "!too_deep");
    CHECK(outcome(deep(34 - own, core)) == "!too_deep");
  }
  CHECK(outcome(deep(5'000'000)) == "!too_deep");
  CHECK(outcome(std::string(5'000'000, '[')) == "!not_json");
}

TEST_CASE("a decoder is as good after a deep frame as before", "[schema][loads_decode]") {
  LoadsDecoder decoder;
  for (int i = 0; i < 3; ++i) {
    CHECK(Decoded(decoder, deep(32)).counts.messages == 1);
    CHECK(Decoded(decoder, deep(33)).counts.rejections == 1);
    CHECK(Decoded(decoder, kOpen).counts.messages == 1);
  }
}

TEST_CASE("the depth limit is a setting", "[schema][loads_decode]") {
  const DecodeLimits limits{.depth = 3};
  CHECK(Decoded(deep(3), limits).counts.messages == 1);
  CHECK(Decoded(deep(4), limits).counts.rejections == 1);
}

TEST_CASE("a frame larger than the limit is refused unread", "[schema][loads_decode]") {
  const DecodeLimits limits{.frame_bytes = 40, .sample_bytes = 8};
  const std::string exact = kOpen + std::string(40 - kOpen.size(), ' ');
  CHECK(Decoded(exact, limits).counts.messages == 1);
  const Decoded over(exact + " ", limits);
  REQUIRE(over.refused.size() == 1);
  CHECK(over.refused[0].reason == ErrorCode::too_large);
  CHECK(over.refused[0].sample == R"({"data_t)");
}

TEST_CASE("a large frame is decoded, and small ones after it", "[schema][loads_decode]") {
  LoadsDecoder decoder;
  std::string array = "[" + kOpen;
  while (array.size() < (std::size_t{3} << 20)) array += "," + kOpen;
  const Decoded large(decoder, array + "]");
  CHECK(large.counts.messages > 100'000);
  CHECK(large.counts.rejections == 0);
  CHECK(Decoded(decoder, kOpen).counts.messages == 1);
}

TEST_CASE("the sample of a refusal is its own text, cut at a character and valid UTF-8",
          "[schema][loads_decode]") {
  const Decoded line(kOpen + "\nrubbish\n" + kOpen);
  CHECK(line.refused.at(0).sample == "rubbish");
  const Decoded element("[" + kOpen + R"(, {"x" : "\q"} , )" + kOpen + "]");
  CHECK(element.refused.at(0).sample == R"({"x" : "\q"})");
  CHECK(Decoded("a\xFF\xC3\xA9\xC3").refused.at(0).sample == "a?\xC3\xA9?");
  CHECK(Decoded("ab\xC3\xA9", {.sample_bytes = 3}).refused.at(0).sample == "ab");
  const Decoded longer(std::string(5'000, 'x'));
  CHECK(longer.refused.at(0).sample.size() == 1'024);
}

TEST_CASE("the detail of a refusal stays short and valid UTF-8", "[schema][loads_decode]") {
  const Decoded decoded(R"({"data_type":")" + std::string(5'000, 'x') + R"("})");
  REQUIRE(decoded.refused.size() == 1);
  CHECK(decoded.refused[0].detail.size() < 200);
  CHECK(is_utf8(decoded.refused[0].detail));
}
