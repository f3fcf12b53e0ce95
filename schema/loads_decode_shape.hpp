#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/loads_decode_body.hpp"
#include "schema/loads_decode_cursor.hpp"
#include "schema/loads_decode_day.hpp"
#include "schema/loads_decode_keys.hpp"
#include "schema/message.hpp"

namespace weir::schema::loads {

// Where an object stands: alone it says its data_type itself, in a batch its group says it.
enum class Place : std::uint8_t { alone, in_batch };

// How a text compares with a shape.
enum class Fit : std::uint8_t {
  exact,      // read
  odd_value,  // the bytes up to some value fit, but that value is not a plain one
  other,
};

// The keys of one flat object in their order, spelling and spacing, all of its bytes but the
// values. Programs write object after object of one shape, so one comparison stands for much of the
// parsing: what is equal to these bytes is known to be JSON, and known to be which keys.
//
// A shape reads only what simdjson and ObjectDecoder would read as the same message.
class Shape {
 public:
  // Takes the shape of the object at the cursor and moves past it. False if that is no shape to
  // keep: nested values (loads_status excepted), a known key twice or together with its alias,
  // escapes in a key, too many keys or bytes, a type that is read otherwise, a message that lacks
  // what it must have. `data_type` is that of the group of a batch.
  bool learn(Place place, std::string_view data_type, Cursor& cursor);

  // Whether the object at the cursor, in this place, can be of this shape: soon seen, mostly right.
  bool suits(Place place, std::string_view data_type, const Cursor& cursor) const {
    return place_ == place && (place == Place::alone || data_type_ == data_type) && opens(cursor);
  }

  // Reads the object at the cursor into the message and moves past it. Unless the fit is exact,
  // the message is left in the middle.
  Fit read(Cursor& cursor, Message& message);

 private:
  // The bytes between two values, at `at` in fixed_. Of few bytes, as most are, a copy is in two
  // words, of which the masks say how much is theirs.
  struct FixedBytes {
    std::uint16_t at = 0;
    std::uint16_t size = 0;
    std::size_t words_reach = SIZE_MAX;  // how many bytes must be left to compare the words
    std::array<std::uint64_t, 2> words{}, masks{};
  };
  // A value. Without a key nothing is made of it.
  struct Slot {
    std::optional<Key> key;
    FixedBytes after;  // to the next value or the end
  };
  struct Reading;

  // Compares the last word before the first value, where shapes differ more than in the first.
  bool opens(const Cursor& cursor) const {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    if (opening_bytes_ < kWord) return true;
    const std::size_t last = opening_bytes_ - kWord;
    return cursor.left() >= opening_bytes_ &&
           load_word(cursor.at + last) == load_word(fixed_.data() + last);
  }
  bool has(Key key) const { return (keys_ >> static_cast<unsigned>(key) & 1U) != 0; }
  bool add_key(Key key);
  bool learn_fields(Cursor& cursor);
  bool learn_field(Cursor& cursor, const char*& fixed);
  bool skip(const FixedBytes& bytes, Cursor& cursor) const;
  bool end_fixed(const char* first, const char* last);
  bool is_complete() const;
  bool reads(Key key) const;
  bool write_body(const Reading& reading, Body& body) const;

  Place place_ = Place::alone;
  BodyKind kind_ = BodyKind::none;
  std::uint64_t keys_ = 0;  // a bit for each known key
  std::string data_type_;
  std::string fixed_;  // all bytes but the values
  Day day_;
  std::uint16_t opening_bytes_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace weir::schema::loads
