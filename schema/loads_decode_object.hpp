#pragma once

#include <string_view>
#include <vector>

#include <simdjson.h>

#include "schema/loads_decode_body.hpp"
#include "schema/loads_decode_delivery.hpp"
#include "schema/loads_decode_reader.hpp"

namespace weir::schema::loads {

// What an event in a batch does not say itself, its batch says for it. A batch's own seq and epoch
// number the batch and are no event's; a hit that says when it started needs no other time.
void inherit(Message& message, const Envelope& outer);

// Turns one parsed object into its message, or a batch into its messages, and delivers them.
class ObjectDecoder {
 public:
  explicit ObjectDecoder(Delivery& delivery) : delivery_(delivery) {}

  // `raw` is the text of the object for samples; if empty, it is written again from the document.
  void decode(const simdjson::dom::element& value, std::string_view raw);

 private:
  struct Ids {
    IdBuffer run, worker;
  };
  // One key of `counts`.
  struct Group {
    std::string_view data_type;
    simdjson::dom::element events;
    Phase phase;
  };

  static Envelope read_envelope(Reader& reader, Ids& ids);
  // Both leave a refusal of the whole in the reader.
  void decode_message(std::string_view data_type, Reader& reader, const Envelope* outer);
  void decode_batch(Reader& reader);
  void read_groups(Reader& reader);
  void decode_group(const Group& group, const Envelope& outer);
  void decode_event(const Group& group, const simdjson::dom::element& event, const Envelope& outer);
  void refuse(const Refusal& refusal, std::string_view raw, const simdjson::dom::element& value);

  Delivery& delivery_;
  Scratch scratch_;
  Fields fields_, event_fields_;
  Message message_;
  Ids ids_{}, batch_ids_{};
  std::vector<simdjson::dom::key_value_pair> counts_;
  std::vector<Group> groups_;
};

}  // namespace weir::schema::loads
