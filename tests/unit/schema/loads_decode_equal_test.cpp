#include <catch2/catch.hpp>

#include "schema/loads_decode.hpp"
#include "tests/support/loads_frame_stream.hpp"
#include "tests/support/loads_transcript.hpp"

using namespace weir::schema;
using weir::tests::FrameStream;
using weir::tests::Transcript;

TEST_CASE("a decoder that predicts shapes says of every frame what one that does not says",
          "[schema][loads_decode]") {
  FrameStream frames(20261121);
  LoadsDecoder predicting;
  LoadsDecoder parsing({}, Prediction::off);
  Transcript predicted;
  Transcript parsed;
  std::size_t differences = 0;
  for (int i = 0; i < 200'000 && differences == 0; ++i) {
    const std::string& frame = frames.next();
    if (predicted.of(predicting, frame) == parsed.of(parsing, frame)) continue;
    ++differences;
    UNSCOPED_INFO(frame);
  }
  CHECK(differences == 0);
  CHECK(parsed.messages > 100'000);
}
