#include "store/crc32c.hpp"

#include <string>

#include <catch2/catch.hpp>

using weir::store::crc32c;

TEST_CASE("CRC-32C gives the values of RFC 3720, B.4", "[store][crc32c]") {
  CHECK(crc32c("") == 0);
  CHECK(crc32c("123456789") == 0xE3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  std::string counting;
  for (char c = 0; c < 32; ++c) counting += c;
  CHECK(crc32c(counting) == 0x46DD794E);
}

TEST_CASE("CRC-32C of parts is that of the whole", "[store][crc32c]") {
  const std::string text = "a journal of what was accepted";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(crc32c(text.substr(cut), crc32c(text.substr(0, cut))) == crc32c(text));
  }
}
