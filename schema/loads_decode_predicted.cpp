#include "schema/loads_decode_predicted.hpp"

#include <algorithm>

#include "schema/loads_decode_object.hpp"
#include "schema/loads_decode_values.hpp"

namespace weir::schema::loads {
namespace {

std::uint64_t bit(Key key) { return std::uint64_t{1} << static_cast<unsigned>(key); }

}  // namespace

void Predictor::begin(std::size_t may_learn) {
  may_learn_ = may_learn;
  count_ = 0;
  groups_.clear();
}

void Predictor::deliver() {
  learning_.succeeded();
  if (groups_.empty()) {
    for (std::size_t i = 0; i < count_; ++i) delivery_.accept(messages_[i]);
  } else {
    deliver_groups();
  }
}

bool Predictor::decode(std::string_view text) {
  begin(0);
  if (!read_document(Cursor(text))) return false;
  deliver();
  return true;
}

bool Predictor::decode_first(std::string_view& text) {
  begin(0);
  Cursor cursor(text);
  if (!cursor.next_is('{') || read_object(Place::alone, {}, cursor) != Fit::exact) return false;
  if (!cursor.at_end()) {
    const std::string_view object = text.substr(0, text.size() - cursor.left());
    while (cursor.skip(' ') || cursor.skip('\t') || cursor.skip('\r')) {
    }
    if (!cursor.skip('\n') || object.find('\n') != std::string_view::npos) return false;
  }
  deliver();
  text.remove_prefix(text.size() - cursor.left());
  return true;
}

bool Predictor::decode_many(std::string_view text) {
  begin(0);
  if (!read_many(Cursor(text))) return false;
  deliver();
  return true;
}

void Predictor::learn(std::string_view text) {
  if (!learning_.allows()) return;
  learning_.failed();
  begin(kLearnedADocument);
  read_document(Cursor(text));
}

bool Predictor::read_document(Cursor cursor) {
  if (cursor.next_is('{')) {
    Cursor object = cursor;
    if (read_object(Place::alone, {}, object) == Fit::exact) return object.at_end();
  }
  return read_many(cursor);
}

bool Predictor::read_many(Cursor cursor) {
  if (!reading_many_.allows()) return false;
  const bool good = read_array_or_batch(cursor);
  if (good) reading_many_.succeeded();
  // An object that turns out to be no batch costs next to nothing.
  if (!good && count_ > 0) reading_many_.failed();
  return good;
}

bool Predictor::read_array_or_batch(Cursor cursor) {
  const bool good = cursor.next_is('[') ? read_objects(Place::alone, {}, cursor) && count_ > 0
                                        : read_batch(cursor) && !groups_.empty();
  return good && cursor.at_end();
}

Fit Predictor::read_object(Place place, std::string_view data_type, Cursor& cursor) {
  if (count_ == kMaxEvents) return Fit::other;
  if (count_ == messages_.size()) messages_.emplace_back();
  const Cursor start = cursor;
  Fit fit = shapes_.read(place, data_type, cursor, messages_[count_]);
  if (fit == Fit::other && may_learn_ > 0) {
    --may_learn_;
    cursor = start;
    if (shapes_.learn(place, data_type, cursor)) {
      fit = shapes_.read(place, data_type, cursor, messages_[count_]);
    }
  }
  if (fit == Fit::exact) ++count_;
  return fit;
}

// An array of them.
bool Predictor::read_objects(Place place, std::string_view data_type, Cursor& cursor) {
  if (!cursor.skip('[')) return false;
  cursor.skip_space();
  if (cursor.skip(']')) return true;
  do {
    cursor.skip_space();
    if (read_object(place, data_type, cursor) != Fit::exact) return false;
    cursor.skip_space();
  } while (cursor.skip(','));
  return cursor.skip(']');
}

bool Predictor::read_batch(Cursor& cursor) {
  batch_ = {};
  batch_keys_ = 0;
  if (!cursor.skip('{')) return false;
  do {
    cursor.skip_space();
    if (!read_batch_field(cursor)) return false;
    cursor.skip_space();
  } while (cursor.skip(','));
  return cursor.skip('}') && (batch_keys_ & bit(Key::data_type)) != 0;
}

bool Predictor::read_batch_field(Cursor& cursor) {
  std::string_view name;
  if (!scan_text(cursor, name)) return false;
  const std::optional<Key> key = find_key(name);
  if (key) {
    constexpr auto kWorkers = [](Key id) { return id == Key::worker_id || id == Key::agent_id; };
    const std::uint64_t same =
        kWorkers(*key) ? bit(Key::worker_id) | bit(Key::agent_id) : bit(*key);
    if ((batch_keys_ & same) != 0) return false;
    batch_keys_ |= bit(*key);
  }
  cursor.skip_space();
  if (!cursor.skip(':')) return false;
  cursor.skip_space();
  return read_batch_value(key, cursor);
}

bool Predictor::read_batch_value(std::optional<Key> key, Cursor& cursor) {
  if (!key) return scan_any(cursor);
  std::string_view data_type;
  switch (*key) {
    case Key::data_type:
      return scan_text(cursor, data_type) && data_type == "batch";
    case Key::run_id:
      return scan_id(cursor, batch_.run_id);
    case Key::worker_id:
    case Key::agent_id:
      return scan_id(cursor, batch_.worker_id);
    case Key::time:
      return scan_time(cursor, batch_.time);
    case Key::loads_status:
      return scan_loads_status(cursor, batch_.status);
    case Key::counts:
      return read_groups(cursor);
    default:
      return scan_any(cursor);
  }
}

bool Predictor::read_groups(Cursor& cursor) {
  if (!cursor.skip('{')) return false;
  do {
    cursor.skip_space();
    if (!read_group(cursor)) return false;
    cursor.skip_space();
  } while (cursor.skip(','));
  return cursor.skip('}');
}

bool Predictor::read_group(Cursor& cursor) {
  Group group{.data_type = {}, .phase = Phase::event, .first = count_, .last = count_};
  if (groups_.size() == kMaxGroups || !scan_text(cursor, group.data_type)) return false;
  // Of duplicates only the last counts.
  if (std::any_of(groups_.begin(), groups_.end(),
                  [&](const Group& other) { return other.data_type == group.data_type; })) {
    return false;
  }
  cursor.skip_space();
  if (!cursor.skip(':')) return false;
  cursor.skip_space();
  if (!read_objects(Place::in_batch, group.data_type, cursor)) return false;
  group.phase = phase_of(group.data_type);
  group.last = count_;
  groups_.push_back(group);
  return true;
}

void Predictor::deliver_groups() {
  for (const Phase phase : kPhases) {
    for (const Group& group : groups_) {
      if (group.phase != phase) continue;
      for (std::size_t i = group.first; i < group.last; ++i) {
        inherit(messages_[i], batch_);
        delivery_.accept(messages_[i]);
      }
    }
  }
}

}  // namespace weir::schema::loads
