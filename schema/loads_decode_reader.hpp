#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "schema/loads_decode_keys.hpp"
#include "schema/loads_decode_numbers.hpp"
#include "schema/message.hpp"

namespace weir::schema::loads {

// Why a value was refused. The field may be a view into the document, `what` is a literal.
struct Refusal {
  ErrorCode code;
  std::string_view field;
  std::string_view what;
};

// Texts that stand nowhere in the document, until the message they belong to is done. Allocates
// only for JSON kept as text.
class Scratch {
 public:
  void clear() { texts_.clear(); }
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  std::deque<std::string> texts_;
};

// A numeric id in decimal.
using IdBuffer = std::array<char, 24>;

// Reads the values of one object in the types a message wants, checking every range. The first
// refusal sticks and ends up in refusal(); what is returned with or after it means nothing.
// "Given" means there and not null.
class Reader {
 public:
  Reader(const Fields& fields, Scratch& scratch) : fields_(fields), scratch_(scratch) {}

  const std::optional<Refusal>& refusal() const { return refusal_; }
  void refuse(ErrorCode code, std::string_view field, std::string_view what);

  const Fields& fields() const { return fields_; }
  Scratch& scratch() { return scratch_; }

  // A text; empty if not given.
  std::string_view text(Key key);
  // A text that must be given and not empty.
  std::string_view required_text(Key key);
  // The first of the two that is a text and not empty, which one of them must be.
  std::string_view required_text(Key key, Key alias);
  // A text, or the JSON of anything else.
  std::string_view text_or_json(Key key);
  // An id as text; "", "None" and null are not given. The buffer is used for a number.
  std::string_view id(Key key, IdBuffer& buffer);
  // The same from whichever of the two is given and usable, the first preferred.
  std::string_view id(Key key, Key alias, IdBuffer& buffer);
  std::optional<bool> boolean(Key key);
  // An integer 0..2^63-1, not as a text.
  std::optional<std::uint64_t> counter(Key key);
  // An integer 0..max, also as a number or a text with an integral value.
  std::optional<std::int64_t> whole(Key key, std::int64_t max);
  // Seconds as a number or a text; negative ones are 0.
  std::optional<Elapsed> seconds(Key key);
  std::optional<Timestamp> time(Key key);
  LoadsStatus loads_status();

 private:
  const simdjson::dom::element* given(Key key) const { return fields_.find(key); }
  Number<std::string_view> optional_id(Key key, IdBuffer& buffer) const;
  void refuse_id(ErrorCode code, Key key);

  const Fields& fields_;
  Scratch& scratch_;
  std::optional<Refusal> refusal_;
};

}  // namespace weir::schema::loads
