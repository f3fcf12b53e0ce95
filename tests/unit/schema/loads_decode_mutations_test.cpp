#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/ids.hpp"
#include "schema/loads_decode.hpp"
#include "schema/loads_encode.hpp"
#include "tests/support/loads_messages.hpp"

using namespace weir::schema;

namespace {

std::vector<std::string> captured_frames() {
  std::ifstream file(WEIR_SOURCE_DIR "/tests/contract/loads-samples.jsonl");
  std::vector<std::string> frames;
  for (std::string line; std::getline(file, line);) {
    frames.push_back(nlohmann::json::parse(line)["raw"]);
  }
  return frames;
}

class Mutator {
 public:
  std::string mutate(std::string text) {
    for (std::size_t n = 1 + below(4); n > 0; --n) mutate_once(text);
    return text;
  }
  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  void mutate_once(std::string& text) {
    static const std::vector<std::string> kPieces = {"\"",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     ",",
                                                     ":",
                                                     "\\",
                                                     "null",
                                                     "NaN",
                                                     "-",
                                                     "1e400",
                                                     "\n",
                                                     "\\ud800",
                                                     "\xFF",
                                                     "true",
                                                     "[[[[[[[[[[",
                                                     "9999999999999999999999",
                                                     "\"counts\":{",
                                                     "\"data_type\":\"batch\",",
                                                     "-Infinity",
                                                     "\"exc_info\":[1,2],"};
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, below(20));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(60)));
        break;
      default:
        text.replace(at, below(8), kPieces[below(kPieces.size())]);
    }
  }

  std::mt19937 random_{20261121};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
};

// Every message must survive being encoded; every refusal must be printable.
class Checker : public MessageVisitor {
 public:
  void on_message(const Message& message) override {
    const weir::tests::Decoded again(decoder_, loads_encode(message));
    good = good && again.messages.size() == 1 &&
           weir::tests::says_the_same(again.messages[0], message);
  }
  void on_rejection(const Rejection& rejection) override {
    good = good && is_utf8(rejection.detail) && is_utf8(rejection.sample) &&
           rejection.sample.size() <= 1'024 && rejection.reason <= ErrorCode::unknown_type;
  }
  bool good = true;

 private:
  LoadsDecoder decoder_;
};

}  // namespace

TEST_CASE("a hundred thousand damaged frames each give messages or refusals",
          "[schema][loads_decode]") {
  const std::vector<std::string> frames = captured_frames();
  REQUIRE(frames.size() == 34);
  Mutator mutator;
  LoadsDecoder decoder;
  Checker checker;
  std::size_t messages = 0;
  std::size_t rejections = 0;
  std::size_t silent = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string frame = mutator.mutate(frames[mutator.below(frames.size())]);
    const FrameCounts counts = decoder.decode(frame, checker);
    messages += counts.messages;
    rejections += counts.rejections;
    // Only a batch or an array can hold nothing.
    silent += counts.messages + counts.rejections == 0 && frame.find('[') == std::string::npos;
    if (!checker.good) FAIL(frame);
  }
  CHECK(silent == 0);
  CHECK(messages > 10'000);
  CHECK(rejections > 10'000);
}
