#include "http/inflate.hpp"

#include <catch2/catch.hpp>
#include <zlib.h>

using namespace weir::http;

namespace {

std::string gzip(std::string text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

int status_of(std::string_view bytes, const InflateLimits& limits = {}) {
  const auto text = inflate(bytes, limits);
  return text ? 200 : text.error().status;
}

}  // namespace

TEST_CASE("gzip becomes what it was, also in several members", "[http][inflate]") {
  CHECK(inflate(gzip("hello"), {}).value() == "hello");
  CHECK(inflate(gzip("hel") + gzip("lo"), {}).value() == "hello");
  CHECK(inflate(gzip(""), {}).value().empty());
  const std::string large(3'000'000, 'x');
  CHECK(inflate(gzip(large), {.ratio_max = 10'000}).value() == large);
}

TEST_CASE("what is not whole gzip is refused", "[http][inflate]") {
  CHECK(status_of("") == 400);
  CHECK(status_of("hello") == 400);
  const std::string whole = gzip(std::string(1'000, 'a') + "b");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK(status_of(whole.substr(0, size)) == 400);
  }
  CHECK(status_of(whole + "more") == 400);
}

TEST_CASE("a bomb is refused by its size and by its ratio", "[http][inflate]") {
  const std::string bomb = gzip(std::string(std::size_t{8} << 20U, '\0'));
  CHECK(bomb.size() < 10'000);
  CHECK(status_of(bomb) == 413);  // 8 MiB are more than 200 times its size and more than 1 MiB
  CHECK(status_of(bomb, {.ratio_max = 100'000}) == 200);
  CHECK(status_of(bomb, {.bytes_max = 1'000, .ratio_max = 100'000}) == 413);
  // A small text may be as repetitive as it likes.
  CHECK(status_of(gzip(std::string(1'000'000, '\0'))) == 200);
}
