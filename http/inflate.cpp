#include "http/inflate.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include <zlib.h>

namespace weir::http {
namespace {

constexpr int kGzipWindow = 15 + 16;

tl::unexpected<HttpError> broken() {
  return refuse(400, "bad_gzip", "the body is not whole gzip, as Content-Encoding says",
                "Content-Encoding");
}

struct End {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

tl::expected<std::string, HttpError> inflate(std::string_view gzip, const InflateLimits& limits) {
  if (gzip.size() > std::numeric_limits<uInt>::max()) {
    return refuse(413, "too_large", "the body is too large");
  }
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return broken();
  const std::unique_ptr<z_stream, End> ends{&stream};
  // zlib does not write to its input.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(gzip.size());
  const std::size_t most = std::min(
      limits.bytes_max, std::max(InflateLimits::kFreeBytes, gzip.size() * limits.ratio_max));
  std::string text;
  std::array<char, std::size_t{64} << 10U> piece{};
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());  // NOLINT(*-reinterpret-cast)
    stream.avail_out = piece.size();
    const int state = ::inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return broken();
    const std::size_t got = piece.size() - stream.avail_out;
    if (text.size() + got > most) {
      return refuse(413, "too_large",
                    "inflated the body has more than " + std::to_string(most) + " bytes");
    }
    text.append(piece.data(), got);
    // Members may follow one another.
    if (state != Z_STREAM_END) continue;
    if (stream.avail_in == 0) return text;
    if (inflateReset(&stream) != Z_OK) return broken();
  }
}

}  // namespace weir::http
