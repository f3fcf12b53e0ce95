#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::schema::loads {

// What the decoder does with JSON as text, where simdjson can not help. All of it knows strings
// and none of it checks the grammar: simdjson has the last word on every piece.

// The text without the white space around it.
std::string_view trim(std::string_view text);

// The text without a UTF-8 byte order mark and the white space around it.
std::string_view strip(std::string_view text);

// Takes the first line off, without its end of line and the white space around it.
std::string_view take_line(std::string_view& rest);

// The deepest nesting of arrays and objects; 0 for a scalar.
std::size_t nesting_depth(std::string_view json);

// Whether the text is one array from its first byte to its last.
bool is_one_array(std::string_view json);

// Takes the first element off the inside of an array, without the comma after it and the white
// space around it. REQUIRES: inside is what stands between the brackets of an is_one_array() text.
std::string_view take_element(std::string_view& inside);

// Writes to `out` what simdjson refuses and weir reads: NaN, Infinity and their like as null,
// numbers too large for 64 bits or a double as 1e308 with their sign (which every range check then
// refuses), a \u escape of half a surrogate pair as \ufffd. Returns how many nulls.
std::size_t repair(std::string_view json, std::string& out);

// At most max_bytes of the text, cut at a character; bytes that are not UTF-8 become '?', in
// `scratch`.
std::string_view printable(std::string_view text, std::size_t max_bytes, std::string& scratch);

}  // namespace weir::schema::loads
