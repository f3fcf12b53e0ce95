#include <cstdint>
#include <cstdio>
#include <string_view>

#include "tests/fuzz/loads_decode_equal.hpp"
#include "tests/support/loads_frame_stream.hpp"

// An input is a sequence of frames, separated by the byte 0x1E, for decoders that remember earlier
// inputs. Each frame comes twice, so that its shape is known the second time; then its form is one
// of those that a stream of frames goes on from.

namespace {

// Says in the end how many frames an execution count stands for.
struct CountedDecoders : weir::tests::EqualDecoders {
  CountedDecoders() = default;
  CountedDecoders(const CountedDecoders&) = delete;
  CountedDecoders& operator=(const CountedDecoders&) = delete;
  ~CountedDecoders() { std::fprintf(stderr, "%zu frames decoded alike\n", frames); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kFramesFromEach = 50;
  static CountedDecoders decoders;
  std::uint64_t seed = size;
  for (std::size_t i = 0; i < size; ++i) seed = seed * 1'099'511'628'211U + data[i];
  weir::tests::FrameStream stream(seed);

  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\x1E'), rest.size());
    const std::string_view frame = rest.substr(0, end);
    decoders.decode(frame);
    decoders.decode(frame);
    if (frame.size() < 1'000) stream.adopt(frame);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (std::size_t i = 0; i < kFramesFromEach; ++i) decoders.decode(stream.next());
  return 0;
}
