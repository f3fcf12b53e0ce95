#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "schema/loads_decode_allowance.hpp"
#include "schema/loads_decode_body.hpp"
#include "schema/loads_decode_cursor.hpp"
#include "schema/loads_decode_delivery.hpp"
#include "schema/loads_decode_shapes.hpp"
#include "schema/message.hpp"

namespace weir::schema::loads {

// Decodes documents whose objects have shapes seen before, without parsing them: one object, an
// array of objects, or a batch. Delivers all of a document, as DocumentParser and ObjectDecoder
// would, or nothing of it. Messages are views into the text.
class Predictor {
 public:
  // The depth of nesting that such documents can have.
  static constexpr std::size_t kDepth = 5;

  explicit Predictor(Delivery& delivery) : delivery_(delivery) {}

  // Delivers the document that the text is, without white space around it. False if it is not as
  // foreseen: then nothing is known about it.
  bool decode(std::string_view text);

  // The same for one object that is all of the text, or all of its first line; takes it off the
  // text, and the line end with it.
  bool decode_first(std::string_view& text);

  // The same for an array or a batch only.
  bool decode_many(std::string_view text);

  // Learns the shapes in a document which decode() did not know and from which there are messages.
  void learn(std::string_view text);

 private:
  // Longer documents are not read ahead.
  static constexpr std::size_t kMaxEvents = 1'024;
  static constexpr std::size_t kMaxGroups = 16;
  static constexpr std::size_t kLearnedADocument = 8;

  // The events of one key of `counts`.
  struct Group {
    std::string_view data_type;
    Phase phase;
    std::size_t first, last;
  };

  void begin(std::size_t may_learn);
  void deliver();
  bool read_document(Cursor cursor);
  bool read_many(Cursor cursor);
  bool read_array_or_batch(Cursor cursor);
  Fit read_object(Place place, std::string_view data_type, Cursor& cursor);
  bool read_objects(Place place, std::string_view data_type, Cursor& cursor);
  bool read_batch(Cursor& cursor);
  bool read_batch_field(Cursor& cursor);
  bool read_batch_value(std::optional<Key> key, Cursor& cursor);
  bool read_groups(Cursor& cursor);
  bool read_group(Cursor& cursor);
  void deliver_groups();

  Delivery& delivery_;
  ShapeSet shapes_;
  Allowance learning_, reading_many_;
  std::size_t may_learn_ = 0;  // shapes, from the document being read

  std::vector<Message> messages_;  // the first count_ are of the document being read
  std::size_t count_ = 0;
  std::vector<Group> groups_;
  Envelope batch_;
  std::uint64_t batch_keys_ = 0;  // a bit for each known key of the batch
};

}  // namespace weir::schema::loads
