#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/loads_decode_equal.hpp"
#include "tests/support/loads_frame_stream.hpp"

// weir_schema_equal_soak FRAMES [SEED]: as many frames through both decoders. The decoders are new
// with every million frames, the frames go on.
int main(int argc, char** argv) {
  constexpr std::size_t kRound = 1'000'000;
  const std::size_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kRound;
  const std::size_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  weir::tests::FrameStream frames(seed);
  std::size_t done = 0;
  std::size_t messages = 0;
  while (done < wanted) {
    weir::tests::EqualDecoders decoders;
    while (decoders.frames < kRound && done + decoders.frames < wanted) {
      decoders.decode(frames.next());
    }
    done += decoders.frames;
    messages += decoders.messages();
  }
  std::printf("%zu frames with %zu messages decoded alike (seed %zu)\n", done, messages, seed);
  return 0;
}
