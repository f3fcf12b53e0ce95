#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "schema/loads_decode.hpp"
#include "tests/support/loads_transcript.hpp"

namespace weir::tests {

// Two decoders side by side, one that predicts shapes and one that parses everything. Aborts at the
// first frame of which they do not say the same.
class EqualDecoders {
 public:
  void decode(std::string_view frame) {
    ++frames;
    const std::string& predicted = predicted_.of(predicting_, frame);
    const std::string& parsed = parsed_.of(parsing_, frame);
    if (predicted == parsed) return;
    std::fprintf(stderr, "decoded differently (frame %zu): %.*s\n", frames,
                 static_cast<int>(frame.size()), frame.data());
    std::abort();
  }

  std::size_t frames = 0;
  std::size_t messages() const { return parsed_.messages; }

 private:
  schema::LoadsDecoder predicting_;
  schema::LoadsDecoder parsing_{{}, schema::Prediction::off};
  Transcript predicted_, parsed_;
};

}  // namespace weir::tests
