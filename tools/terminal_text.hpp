#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::tools {

// Text that came from a network or a file, made harmless for a terminal and one line long: tabs
// and line ends become spaces; other control characters, characters that a terminal cannot show
// and bytes that are not UTF-8 become U+FFFD; invisible format characters (which can reverse the
// order of what is read) and all but two marks on one character are dropped.
std::string printable(std::string_view text);

// Columns that printable text takes: wide characters count as two, marks as none.
std::size_t display_width(std::string_view text);

// Printable text in at most `width` columns: what is cut off its end, or out of its middle, is
// replaced by one "…".
std::string cut(std::string_view text, std::size_t width);
std::string cut_middle(std::string_view text, std::size_t width);

// As cut_middle, for what a URL is part of (`GET http://host/items/{id}`): its scheme and host go
// first.
std::string cut_url(std::string_view text, std::size_t width);

// Printable text in exactly `width` columns: cut, or filled with spaces on its right or left.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

// JSON for a terminal, equal to what it was: characters that JSON allows as they are and a
// terminal may obey (DEL, U+0080..U+009F, the invisible ones) become \uXXXX; line ends and tabs
// stay. Bytes that are not UTF-8 become U+FFFD.
std::string escape_json(std::string_view json);

}  // namespace weir::tools
