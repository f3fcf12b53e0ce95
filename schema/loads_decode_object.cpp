#include "schema/loads_decode_object.hpp"

#include <string>

namespace weir::schema::loads {
namespace {

namespace dom = simdjson::dom;

}  // namespace

void inherit(Message& message, const Envelope& outer) {
  Envelope& inner = message.envelope;
  const auto* hit = std::get_if<AddHit>(&message.body);
  const bool has_time = inner.time || (hit != nullptr && hit->started);
  if (inner.run_id.empty()) inner.run_id = outer.run_id;
  if (inner.worker_id.empty()) inner.worker_id = outer.worker_id;
  if (!has_time) inner.time = outer.time;
  if (inner.status == LoadsStatus{}) inner.status = outer.status;
  inner.batched = true;
}

void ObjectDecoder::refuse(const Refusal& refusal, std::string_view raw,
                           const dom::element& value) {
  if (raw.empty()) {
    delivery_.refuse(refusal, simdjson::minify(value));
  } else {
    delivery_.refuse(refusal, raw);
  }
}

void ObjectDecoder::decode(const dom::element& value, std::string_view raw) {
  scratch_.clear();
  dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    refuse({ErrorCode::not_object, {}, "not a JSON object"}, raw, value);
    return;
  }
  fields_.read(object);
  Reader reader(fields_, scratch_);
  const std::string_view data_type = reader.text(Key::data_type);
  if (fields_.find(Key::data_type) == nullptr) {
    reader.refuse(ErrorCode::missing_field, to_string(Key::data_type), "not given");
  }
  if (!reader.refusal() && data_type == "batch") {
    decode_batch(reader);
  } else if (!reader.refusal()) {
    decode_message(data_type, reader, nullptr);
  }
  if (reader.refusal()) refuse(*reader.refusal(), raw, value);
}

Envelope ObjectDecoder::read_envelope(Reader& reader, Ids& ids) {
  Envelope envelope;
  envelope.run_id = reader.id(Key::run_id, ids.run);
  envelope.worker_id = reader.id(Key::worker_id, Key::agent_id, ids.worker);
  envelope.time = reader.time(Key::time);
  envelope.status = reader.loads_status();
  return envelope;
}

void ObjectDecoder::decode_message(std::string_view data_type, Reader& reader,
                                   const Envelope* outer) {
  message_.envelope = read_envelope(reader, ids_);
  message_.envelope.seq = reader.counter(Key::seq);
  message_.envelope.epoch = reader.counter(Key::epoch);
  read_body(data_type, reader, message_.body);
  if (outer != nullptr) inherit(message_, *outer);
  if (!reader.refusal()) delivery_.accept(message_);
}

void ObjectDecoder::decode_batch(Reader& reader) {
  const Envelope outer = read_envelope(reader, batch_ids_);
  read_groups(reader);
  if (reader.refusal()) return;
  for (Phase phase : kPhases) {
    for (const Group& group : groups_) {
      if (group.phase == phase) decode_group(group, outer);
    }
  }
}

void ObjectDecoder::read_groups(Reader& reader) {
  const dom::element* counts = reader.fields().find(Key::counts);
  dom::object object;
  groups_.clear();
  if (counts == nullptr) {
    reader.refuse(ErrorCode::missing_field, to_string(Key::counts), "not given");
  } else if (counts->get_object().get(object) != simdjson::SUCCESS) {
    reader.refuse(ErrorCode::bad_type, to_string(Key::counts), "not an object");
  } else if (!named_fields(object, counts_)) {
    reader.refuse(ErrorCode::out_of_range, to_string(Key::counts), "too many keys");
  } else {
    for (const dom::key_value_pair& field : counts_) {
      groups_.push_back({field.key, field.value, phase_of(field.key)});
    }
  }
}

void ObjectDecoder::decode_group(const Group& group, const Envelope& outer) {
  dom::array events;
  if (group.events.get_array().get(events) != simdjson::SUCCESS) {
    refuse({ErrorCode::bad_type, group.data_type, "not a list"}, {}, group.events);
    return;
  }
  for (const dom::element& event : events) decode_event(group, event, outer);
}

void ObjectDecoder::decode_event(const Group& group, const dom::element& event,
                                 const Envelope& outer) {
  scratch_.clear();
  dom::object object;
  if (event.get_object().get(object) != simdjson::SUCCESS) {
    refuse({ErrorCode::not_object, group.data_type, "an event is not an object"}, {}, event);
    return;
  }
  event_fields_.read(object);
  Reader reader(event_fields_, scratch_);
  decode_message(group.data_type, reader, &outer);
  if (reader.refusal()) refuse(*reader.refusal(), {}, event);
}

}  // namespace weir::schema::loads
