#include "schema/curve_key.hpp"

#include <string>

#include <catch2/catch.hpp>

using weir::schema::CurveKey;
using weir::schema::parse_key_file;

namespace {

// From zmq_curve(7).
const std::string kPublic = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
const std::string kSecret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";

}  // namespace

TEST_CASE("a key file that was written is read again", "[schema][curve_key]") {
  const CurveKey key{kPublic, kSecret, kPublic};
  const auto read = parse_key_file(format_key_file(key, "# ours\n"));
  REQUIRE(read);
  CHECK(read->public_key == kPublic);
  CHECK(read->secret_key == kSecret);
  CHECK(read->server_key == kPublic);
}

TEST_CASE("a key file may have spaces, comments and no secret", "[schema][curve_key]") {
  const auto read = parse_key_file("\n  # x\r\n public=\"" + kPublic + "\"  \r\n\n");
  REQUIRE(read);
  CHECK(read->public_key == kPublic);
  CHECK(read->secret_key.empty());
}

TEST_CASE("what is no key file is refused by its line, which is not quoted",
          "[schema][curve_key]") {
  for (const std::string& bad :
       {std::string{}, std::string{"secret = \"" + kSecret + "\"\n"}, std::string{"public = 7"},
        "public = \"" + kPublic + "x\"", "public = " + kPublic, "private = \"" + kSecret + "\"",
        std::string{"public"}, std::string{"="}, std::string{"public = \""},
        "public = \"" + std::string(40, '\x1b') + "\"", std::string(1000, '\0')}) {
    const auto read = parse_key_file(bad);
    REQUIRE_FALSE(read);
    CHECK(read.error().detail.find(kSecret) == std::string::npos);
    CHECK(read.error().detail.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a key is 40 characters of Z85", "[schema][curve_key]") {
  CHECK(weir::schema::is_curve_key(kPublic));
  CHECK_FALSE(weir::schema::is_curve_key(kPublic.substr(1)));
  CHECK_FALSE(weir::schema::is_curve_key("\"" + kPublic.substr(1)));
}
