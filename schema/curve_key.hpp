#pragma once

#include <string>
#include <string_view>

#include "schema/error.hpp"

namespace weir::schema {

// A CURVE key pair as it stands in a key file, each key as 40 characters of Z85: lines
// `public = "..."`, `secret = "..."` and, in a client's file, `server = "..."`; # starts a comment.
struct CurveKey {
  std::string public_key;
  std::string secret_key;
  std::string server_key;  // empty if the file does not say
};

// Whether a text can be a CURVE key.
bool is_curve_key(std::string_view text);

// Reads a key file. Public is required. Errors: invalid_setting; none quotes the text.
Result<CurveKey> parse_key_file(std::string_view text);

// The text of a key file, after lines of comment; what is empty is left out.
std::string format_key_file(const CurveKey& key, std::string_view comment);

}  // namespace weir::schema
