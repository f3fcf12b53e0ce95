#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

// ASCII only, as names of header fields, hosts and schemes are.
bool same_ignoring_case(std::string_view one, std::string_view other);
std::string lower(std::string_view text);

// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

// Decodes %XX, and + as a space where `plus` says so. Empty if a % is not followed by two hex
// digits, or what comes out is not UTF-8 or has a NUL.
std::optional<std::string> percent_decoded(std::string_view text, bool plus);

// What stands before the first `separator`, which is taken away with it; all if there is none.
std::string_view take_until(std::string_view& text, char separator);

}  // namespace weir::http
