#pragma once

#include <string>
#include <string_view>

namespace weir::broker {

// A text that may hold URLs, without what they may hold of secrets: user information, and all from
// a question mark to the end of the word, which becomes "?...".
std::string without_secrets(std::string_view text);

// A text without the secret part of API tokens in it: weir_ and many of their characters.
std::string without_tokens(std::string_view text);

}  // namespace weir::broker
