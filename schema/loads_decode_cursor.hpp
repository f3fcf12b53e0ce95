#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "schema/byte_word.hpp"

namespace weir::schema::loads {

// The high bit of each ASCII byte that ends a plain text: a quote, a backslash, or a control
// character. Other bits and those of bytes beyond ASCII say nothing.
constexpr std::uint64_t text_marks(std::uint64_t word) {
  // Swaps the quote with the space, next to the control characters: one comparison finds both.
  const std::uint64_t quote_or_control = (word ^ eight('"' ^ ' ')) - eight(' ' + 1);
  const std::uint64_t backslash = (word ^ eight('\\')) - eight(1);
  return quote_or_control | backslash;
}

// The same for what no id has in it either: '/' and U+007F.
constexpr std::uint64_t id_marks(std::uint64_t word) {
  const std::uint64_t slash = (word ^ eight('/')) - eight(1);
  const std::uint64_t del = (word ^ eight(0x7F)) - eight(1);
  return text_marks(word) | slash | del;
}

// The high bit of each byte that is so marked, and no other. Exact up to and including the first; a
// byte after it may be flagged without being one.
template <auto marks>
constexpr std::uint64_t stops(std::uint64_t word) {
  return marks(word) & ~word & eight(0x80);
}

// A position in a text that is read from left to right.
struct Cursor {
  const char* at;
  const char* end;

  explicit Cursor(std::string_view text) : at(text.data()), end(text.data() + text.size()) {}

  std::size_t left() const { return static_cast<std::size_t>(end - at); }
  bool at_end() const { return at == end; }
  bool next_is(char c) const { return at != end && *at == c; }
  bool digit_next() const { return at != end && *at >= '0' && *at <= '9'; }

  // These answer whether what they skip was there.
  bool skip(char c) {
    if (!next_is(c)) return false;
    ++at;
    return true;
  }
  bool skip(std::string_view bytes);

  void skip_space() {
    if (at == end || *at > ' ') return;
    while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  }
};

// Not memcmp: the bytes between two values are few, and a call costs more than the comparison. The
// last word overlaps the one before it.
inline bool Cursor::skip(std::string_view bytes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::size_t size = bytes.size();
  const char* const a = at;
  const char* const b = bytes.data();
  if (left() < size) return false;
  if (size < kWord) {
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
  } else {
    if (load_word(a + size - kWord) != load_word(b + size - kWord)) return false;
    for (std::size_t i = 0; i + kWord < size; i += kWord) {
      if (load_word(a + i) != load_word(b + i)) return false;
    }
  }
  at = a + size;
  return true;
}

}  // namespace weir::schema::loads
