#include "schema/loads_decode_shape.hpp"

#include <algorithm>
#include <cstddef>

#include "schema/loads_decode_values.hpp"

namespace weir::schema::loads {
namespace {

constexpr std::size_t kMaxValues = 40;
constexpr std::size_t kMaxFixedBytes = 2'048;
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kTwoWords = 2 * kWord;

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
  Day& day;
  std::int64_t size_bytes = 0;

  bool value(Key key, Cursor& cursor);
  bool time(std::optional<Timestamp>& time, Cursor& cursor);
  bool seconds(std::optional<Elapsed>& elapsed, Cursor& cursor);
  std::string_view& text(Key key);
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
  slots_.push_back({key, {}});
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
  if (slots_.empty()) {
    opening_bytes_ = static_cast<std::uint16_t>(size);
  } else {
    FixedBytes& after = slots_.back().after;
    after.at = static_cast<std::uint16_t>(fixed_.size() - size);
    after.size = static_cast<std::uint16_t>(size);
    if (size <= kTwoWords) after.words_reach = kTwoWords;
    for (std::size_t i = 0; i < std::min(size, kTwoWords); ++i) {
      const std::size_t shift = i % kWord * 8;
      const std::uint64_t byte = static_cast<unsigned char>(first[i]);
      after.words[i / kWord] |= byte << shift;
      after.masks[i / kWord] |= std::uint64_t{0xFF} << shift;
    }
  }
  return true;
}

// Part of its caller, as the scanners of usual values are: see apart().
[[gnu::always_inline]] inline bool Shape::skip(const FixedBytes& bytes, Cursor& cursor) const {
  if (cursor.left() < bytes.words_reach) {
    if (bytes.size < kWord && cursor.left() >= kWord) {
      if (((load_word(cursor.at) ^ bytes.words[0]) & bytes.masks[0]) != 0) return false;
      cursor.at += bytes.size;
      return true;
    }
    return cursor.skip(std::string_view(fixed_.data() + bytes.at, bytes.size));
  }
  const std::uint64_t first = load_word(cursor.at) ^ bytes.words[0];
  const std::uint64_t last = load_word(cursor.at + kWord) ^ bytes.words[1];
  if (((first & bytes.masks[0]) | (last & bytes.masks[1])) != 0) return false;
  cursor.at += bytes.size;
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

// The text of a hit that this key is.
inline std::string_view& Shape::Reading::text(Key key) {
  switch (key) {
    case Key::url:
      return hit.url;
    case Key::method:
      return hit.method;
    case Key::label:
      return hit.label;
    default:
      return hit.error;
  }
}

[[gnu::always_inline]] inline bool Shape::Reading::time(std::optional<Timestamp>& time,
                                                        Cursor& cursor) {
  if (day.scan(cursor, time)) return true;
  return apart(cursor, [&](Cursor& copy) { return scan_time(copy, time, day); });
}

inline bool Shape::Reading::seconds(std::optional<Elapsed>& elapsed, Cursor& cursor) {
  return apart(cursor, [&](Cursor& copy) { return scan_seconds_or_null(copy, elapsed); });
}

// Part of its caller for the same reason as apart(). Fields of one form share the code of it.
[[gnu::always_inline]] inline bool Shape::Reading::value(Key key, Cursor& cursor) {
  switch (key) {
    case Key::run_id:
    case Key::worker_id:
    case Key::agent_id:
      return scan_id(cursor, key == Key::run_id ? envelope.run_id : envelope.worker_id);
    case Key::seq:
    case Key::epoch:
      return scan_counter(cursor, key == Key::seq ? envelope.seq : envelope.epoch);
    case Key::time:
    case Key::started:
      return time(key == Key::time ? envelope.time : hit.started, cursor);
    case Key::loads_status:
      return apart(cursor, [&](Cursor& copy) { return scan_loads_status(copy, envelope.status); });
    case Key::test:
    case Key::test_name:
      return apart(cursor, [&](Cursor& copy) { return scan_required_text(copy, test); });
    case Key::size:
      return scan_required_whole(cursor, kMaxBytes, size_bytes);
    case Key::url:
    case Key::method:
    case Key::label:
    case Key::error:
      return scan_text_or_null(cursor, text(key));
    case Key::status:
      return scan_status(cursor, kMaxStatus, hit.status);
    case Key::elapsed:
      return scan_seconds(cursor, hit.elapsed);
    case Key::success:
      return scan_bool_or_null(cursor, hit.success);
    case Key::bytes_sent:
    case Key::bytes_received:
      return scan_whole_or_null(cursor, kMaxBytes,
                                key == Key::bytes_sent ? hit.bytes_sent : hit.bytes_received);
    case Key::dns:
      return seconds(hit.dns, cursor);
    case Key::connect:
      return seconds(hit.connect, cursor);
    case Key::tls:
      return seconds(hit.tls, cursor);
    case Key::first_byte:
      return seconds(hit.first_byte, cursor);
    default:
      return false;
  }
}

Fit Shape::read(Cursor& cursor, Message& message) {
  Cursor here = cursor;  // which no call takes the address of, so that it is kept in registers
  if (!here.skip(std::string_view(fixed_.data(), opening_bytes_))) return Fit::other;
  message.envelope = kNoEnvelope;
  // A body of another type is written in the end.
  Reading reading{
      .envelope = message.envelope, .hit = fresh_hit(message.body), .test = {}, .day = day_};
  for (const Slot& slot : slots_) {
    const bool good = slot.key ? reading.value(*slot.key, here) : apart(here, scan_any);
    if (!good) return Fit::odd_value;
    if (!skip(slot.after, here)) return Fit::other;
  }
  cursor = here;
  return write_body(reading, message.body) ? Fit::exact : Fit::odd_value;
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
