#include "schema/loads_decode_shape.hpp"

#include <cstddef>

#include "schema/loads_decode_values.hpp"

namespace weir::schema::loads {
namespace {

constexpr std::size_t kMaxValues = 40;
constexpr std::size_t kMaxFixedBytes = 2'048;

// Copied, since the compiler builds a new one in a place of its own and copies it as well.
const Envelope kNoEnvelope;
const AddHit kNoHit;

AddHit& fresh_hit(Body& body) {
  if (auto* hit = std::get_if<AddHit>(&body)) return *hit = kNoHit;
  return body.emplace<AddHit>();
}

bool is_envelope_key(Key key) {
  switch (key) {
    case Key::run_id:
    case Key::worker_id:
    case Key::agent_id:
    case Key::seq:
    case Key::epoch:
    case Key::time:
    case Key::loads_status:
      return true;
    default:
      return false;
  }
}

bool is_hit_key(Key key) {
  switch (key) {
    case Key::url:
    case Key::method:
    case Key::label:
    case Key::status:
    case Key::started:
    case Key::elapsed:
    case Key::success:
    case Key::error:
    case Key::bytes_sent:
    case Key::bytes_received:
    case Key::dns:
    case Key::connect:
    case Key::tls:
    case Key::first_byte:
      return true;
    default:
      return false;
  }
}

}  // namespace

// Where values go that are more than their own field.
struct Shape::Reading {
  Envelope& envelope;
  AddHit& hit;
  std::string_view test;
  std::int64_t size_bytes = 0;
};

bool Shape::learn(Place place, std::string_view data_type, Cursor& cursor) {
  place_ = place;
  data_type_ = data_type;
  keys_ = 0;
  fixed_.clear();
  opening_bytes_ = 0;
  slots_.clear();
  if (!learn_fields(cursor)) return false;
  kind_ = body_kind(data_type_);
  for (Slot& slot : slots_) {
    if (slot.key && !reads(*slot.key)) slot.key.reset();
  }
  return is_complete();
}

bool Shape::learn_fields(Cursor& cursor) {
  const char* fixed = cursor.at;
  if (!cursor.skip('{')) return false;
  cursor.skip_space();
  if (!cursor.skip('}')) {
    do {
      cursor.skip_space();
      if (!learn_field(cursor, fixed)) return false;
      cursor.skip_space();
    } while (cursor.skip(','));
    if (!cursor.skip('}')) return false;
  }
  return end_fixed(fixed, cursor.at);
}

// `fixed` is where the bytes after the last value begin.
bool Shape::learn_field(Cursor& cursor, const char*& fixed) {
  std::string_view name;
  if (!scan_text(cursor, name)) return false;
  const std::optional<Key> key = find_key(name);
  if (key && !add_key(*key)) return false;
  cursor.skip_space();
  if (!cursor.skip(':')) return false;
  cursor.skip_space();
  if (key == Key::data_type && place_ == Place::alone) {
    std::string_view data_type;
    if (!scan_text(cursor, data_type)) return false;
    data_type_ = data_type;
    return true;
  }
  if (slots_.size() == kMaxValues || !end_fixed(fixed, cursor.at)) return false;
  slots_.push_back({key, 0});
  LoadsStatus status;
  const bool is_list = key == Key::loads_status && cursor.next_is('[');
  if (!(is_list ? scan_loads_status(cursor, status) : scan_any(cursor))) return false;
  fixed = cursor.at;
  return true;
}

bool Shape::end_fixed(const char* first, const char* last) {
  const auto size = static_cast<std::size_t>(last - first);
  if (fixed_.size() + size > kMaxFixedBytes) return false;
  fixed_.append(first, size);
  (slots_.empty() ? opening_bytes_ : slots_.back().bytes_after) = static_cast<std::uint16_t>(size);
  return true;
}

// Of duplicates and aliases not the first or the last counts but the better one, which a shape can
// not know.
bool Shape::add_key(Key key) {
  if (has(key)) return false;
  keys_ |= std::uint64_t{1} << static_cast<unsigned>(key);
  return !(has(Key::worker_id) && has(Key::agent_id)) && !(has(Key::test) && has(Key::test_name));
}

bool Shape::is_complete() const {
  switch (kind_) {
    case BodyKind::hit:
      return has(Key::elapsed) && (has(Key::label) || (has(Key::url) && has(Key::method))) &&
             (has(Key::status) || has(Key::success));
    case BodyKind::start_test:
    case BodyKind::stop_test:
    case BodyKind::add_success:
    case BodyKind::counter:
      return has(Key::test) || has(Key::test_name);
    case BodyKind::socket_message:
      return has(Key::size);
    case BodyKind::socket_open:
    case BodyKind::socket_close:
    case BodyKind::stop_run:
      return true;
    default:
      return false;
  }
}

bool Shape::reads(Key key) const {
  if (is_envelope_key(key)) return true;
  switch (kind_) {
    case BodyKind::hit:
      return is_hit_key(key);
    case BodyKind::start_test:
    case BodyKind::stop_test:
    case BodyKind::add_success:
    case BodyKind::counter:
      return key == Key::test || key == Key::test_name;
    case BodyKind::socket_message:
      return key == Key::size;
    default:
      return false;
  }
}

Fit Shape::read(Cursor& cursor, Message& message) const {
  const char* fixed = fixed_.data();
  if (!cursor.skip(std::string_view(fixed, opening_bytes_))) return Fit::other;
  fixed += opening_bytes_;
  message.envelope = kNoEnvelope;
  // A body of another type is written in the end.
  Reading reading{.envelope = message.envelope, .hit = fresh_hit(message.body), .test = {}};
  for (const Slot& slot : slots_) {
    const bool good = slot.key ? read_value(*slot.key, cursor, reading) : scan_any(cursor);
    if (!good) return Fit::odd_value;
    if (!cursor.skip(std::string_view(fixed, slot.bytes_after))) return Fit::other;
    fixed += slot.bytes_after;
  }
  return write_body(reading, message.body) ? Fit::exact : Fit::odd_value;
}

bool Shape::read_value(Key key, Cursor& cursor, Reading& reading) {
  Envelope& envelope = reading.envelope;
  AddHit& hit = reading.hit;
  switch (key) {
    case Key::run_id:
      return scan_id(cursor, envelope.run_id);
    case Key::worker_id:
    case Key::agent_id:
      return scan_id(cursor, envelope.worker_id);
    case Key::seq:
      return scan_counter(cursor, envelope.seq);
    case Key::epoch:
      return scan_counter(cursor, envelope.epoch);
    case Key::time:
      return scan_time(cursor, envelope.time);
    case Key::loads_status:
      return scan_loads_status(cursor, envelope.status);
    case Key::test:
    case Key::test_name:
      return scan_required_text(cursor, reading.test);
    case Key::size:
      return scan_required_whole(cursor, kMaxBytes, reading.size_bytes);
    case Key::url:
      return scan_text_or_null(cursor, hit.url);
    case Key::method:
      return scan_text_or_null(cursor, hit.method);
    case Key::label:
      return scan_text_or_null(cursor, hit.label);
    case Key::status:
      return scan_status(cursor, kMaxStatus, hit.status);
    case Key::started:
      return scan_time(cursor, hit.started);
    case Key::elapsed:
      return scan_seconds(cursor, hit.elapsed);
    case Key::success:
      return scan_bool_or_null(cursor, hit.success);
    case Key::error:
      return scan_text_or_null(cursor, hit.error);
    case Key::bytes_sent:
      return scan_whole_or_null(cursor, kMaxBytes, hit.bytes_sent);
    case Key::bytes_received:
      return scan_whole_or_null(cursor, kMaxBytes, hit.bytes_received);
    case Key::dns:
      return scan_seconds_or_null(cursor, hit.dns);
    case Key::connect:
      return scan_seconds_or_null(cursor, hit.connect);
    case Key::tls:
      return scan_seconds_or_null(cursor, hit.tls);
    case Key::first_byte:
      return scan_seconds_or_null(cursor, hit.first_byte);
    default:
      return false;
  }
}

bool Shape::write_body(const Reading& reading, Body& body) const {
  switch (kind_) {
    case BodyKind::hit: {
      const AddHit& hit = reading.hit;
      return (!hit.label.empty() || (!hit.url.empty() && !hit.method.empty())) &&
             (has(Key::status) || hit.success);
    }
    case BodyKind::start_test:
      body = StartTest{reading.test};
      return true;
    case BodyKind::stop_test:
      body = StopTest{reading.test};
      return true;
    case BodyKind::add_success:
      body = AddSuccess{reading.test};
      return true;
    case BodyKind::counter:
      body = Counter{.name = data_type_, .test = reading.test};
      return true;
    case BodyKind::socket_message:
      body = SocketMessage{reading.size_bytes};
      return true;
    case BodyKind::socket_open:
      body = SocketOpen{};
      return true;
    case BodyKind::socket_close:
      body = SocketClose{};
      return true;
    case BodyKind::stop_run:
      body = StopTestRun{};
      return true;
    default:
      return false;
  }
}

}  // namespace weir::schema::loads
