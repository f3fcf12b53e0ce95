#include "schema/loads_decode_body.hpp"

#include <algorithm>
#include <array>

#include "schema/loads_decode_exception.hpp"

namespace weir::schema::loads {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxCriteria = 1'000;

AddHit read_hit(Reader& reader) {
  AddHit hit;
  hit.label = reader.text(Key::label);
  const bool labelled = !hit.label.empty();
  hit.url = labelled ? reader.text(Key::url) : reader.required_text(Key::url);
  hit.method = labelled ? reader.text(Key::method) : reader.required_text(Key::method);
  hit.success = reader.boolean(Key::success);
  if (!reader.fields().has(Key::status) && !hit.success) {
    reader.refuse(ErrorCode::missing_field, to_string(Key::status), "not given");
  }
  hit.status = static_cast<int>(reader.whole(Key::status, kMaxStatus).value_or(0));
  hit.started = reader.time(Key::started);
  if (reader.fields().find(Key::elapsed) == nullptr) {
    reader.refuse(ErrorCode::missing_field, to_string(Key::elapsed), "not given");
  }
  hit.elapsed = reader.seconds(Key::elapsed).value_or(Elapsed{0});
  hit.error = reader.text_or_json(Key::error);
  hit.bytes_sent = reader.whole(Key::bytes_sent, kMaxBytes);
  hit.bytes_received = reader.whole(Key::bytes_received, kMaxBytes);
  hit.dns = reader.seconds(Key::dns);
  hit.connect = reader.seconds(Key::connect);
  hit.tls = reader.seconds(Key::tls);
  hit.first_byte = reader.seconds(Key::first_byte);
  return hit;
}

// The fields of an optional object of names.
std::vector<dom::key_value_pair> read_named(Reader& reader, Key key) {
  std::vector<dom::key_value_pair> named;
  const dom::element* value = reader.fields().find(key);
  dom::object object;
  if (value == nullptr) return named;
  if (value->get_object().get(object) != simdjson::SUCCESS) {
    reader.refuse(ErrorCode::bad_type, to_string(key), "not an object");
  } else if (!named_fields(object, named)) {
    reader.refuse(ErrorCode::out_of_range, to_string(key), "too many keys");
    named.clear();
  }
  return named;
}

std::vector<Tag> read_tags(Reader& reader) {
  std::vector<Tag> tags;
  for (const dom::key_value_pair& field : read_named(reader, Key::tags)) {
    if (field.value.is_null()) continue;
    if (field.value.is_string()) {
      tags.push_back({field.key, field.value.get_string().value_unsafe()});
    } else if (field.value.is_number() || field.value.is_bool()) {
      tags.push_back({field.key, reader.scratch().keep(simdjson::minify(field.value))});
    } else {
      reader.refuse(ErrorCode::bad_type, to_string(Key::tags), "a value is not a text");
    }
  }
  return tags;
}

struct CriterionFields {
  dom::element expression, abort_on_fail, delay_abort_eval;
  bool has_expression = false, has_abort = false, has_delay = false;
};

CriterionFields criterion_fields(dom::object object) {
  CriterionFields fields;
  for (const dom::key_value_pair& field : object) {
    const bool given = !field.value.is_null();
    if (field.key == "threshold") {
      fields.expression = field.value;
      fields.has_expression = given;
    } else if (field.key == "abortOnFail") {
      fields.abort_on_fail = field.value;
      fields.has_abort = given;
    } else if (field.key == "delayAbortEval") {
      fields.delay_abort_eval = field.value;
      fields.has_delay = given;
    }
  }
  return fields;
}

Criterion read_criterion(Reader& reader, std::string_view metric, const dom::element& value) {
  const std::string_view key = to_string(Key::thresholds);
  Criterion criterion{
      .metric = metric, .expression = {}, .abort_on_fail = false, .delay_abort_eval = {}};
  bool good = true;
  bool missing = false;
  if (dom::object object; value.get_object().get(object) == simdjson::SUCCESS) {
    const CriterionFields fields = criterion_fields(object);
    missing = !fields.has_expression;
    good = (missing || !fields.expression.get_string().get(criterion.expression)) &&
           (!fields.has_abort || !fields.abort_on_fail.get_bool().get(criterion.abort_on_fail)) &&
           (!fields.has_delay ||
            !fields.delay_abort_eval.get_string().get(criterion.delay_abort_eval));
  } else {
    good = !value.get_string().get(criterion.expression);
  }
  if (!good) {
    reader.refuse(ErrorCode::bad_type, key, "neither an expression nor an object with one");
  } else if (missing || criterion.expression.empty()) {
    reader.refuse(ErrorCode::missing_field, key, "a criterion without an expression");
  }
  return criterion;
}

std::vector<Criterion> read_thresholds(Reader& reader) {
  std::vector<Criterion> criteria;
  for (const dom::key_value_pair& field : read_named(reader, Key::thresholds)) {
    if (field.value.is_null()) continue;
    dom::array expressions;
    if (field.value.get_array().get(expressions) != simdjson::SUCCESS) {
      reader.refuse(ErrorCode::bad_type, to_string(Key::thresholds), "a metric without a list");
      continue;
    }
    for (const dom::element& expression : expressions) {
      if (criteria.size() == kMaxCriteria) {
        reader.refuse(ErrorCode::out_of_range, to_string(Key::thresholds), "too many criteria");
        return criteria;
      }
      criteria.push_back(read_criterion(reader, field.key, expression));
    }
  }
  return criteria;
}

std::string_view read_test(Reader& reader) {
  return reader.required_text(Key::test, Key::test_name);
}

StartTestRun read_start_run(Reader& reader) {
  return {.name = reader.text(Key::name),
          .project = reader.text(Key::project),
          .scenario = reader.text(Key::scenario),
          .tags = read_tags(reader),
          .thresholds = read_thresholds(reader)};
}

SocketMessage read_socket_message(Reader& reader) {
  if (reader.fields().find(Key::size) == nullptr) {
    reader.refuse(ErrorCode::missing_field, to_string(Key::size), "not given");
  }
  return {reader.whole(Key::size, kMaxBytes).value_or(0)};
}

template <auto read>
void into(Reader& reader, Body& body) {
  body = read(reader);
}

template <class T>
void read_nothing(Reader&, Body& body) {
  body = T{};
}

template <class T>
void read_test_event(Reader& reader, Body& body) {
  body = T{read_test(reader)};
}

template <class T>
void read_bad_outcome(Reader& reader, Body& body) {
  body = T{read_test(reader), read_exception(reader)};
}

struct DataType {
  std::string_view name;
  Phase phase;
  BodyKind kind;
  void (*read)(Reader&, Body&);
};

// The most frequent first. A name with an upper case twin is one type with two spellings.
constexpr std::array<DataType, 15> kDataTypes = {{
    {"add_hit", Phase::event, BodyKind::hit, into<read_hit>},
    {"startTest", Phase::start_test, BodyKind::start_test, read_test_event<StartTest>},
    {"stopTest", Phase::stop_test, BodyKind::stop_test, read_test_event<StopTest>},
    {"addSuccess", Phase::outcome, BodyKind::add_success, read_test_event<AddSuccess>},
    {"addFailure", Phase::outcome, BodyKind::bad_outcome, read_bad_outcome<AddFailure>},
    {"addError", Phase::outcome, BodyKind::bad_outcome, read_bad_outcome<AddError>},
    {"socket_message", Phase::event, BodyKind::socket_message, into<read_socket_message>},
    {"socket_open", Phase::event, BodyKind::socket_open, read_nothing<SocketOpen>},
    {"socket_close", Phase::event, BodyKind::socket_close, read_nothing<SocketClose>},
    {"startTestRun", Phase::start_run, BodyKind::start_run, into<read_start_run>},
    {"stopTestRun", Phase::stop_run, BodyKind::stop_run, read_nothing<StopTestRun>},
    {"addHit", Phase::event, BodyKind::hit, into<read_hit>},
    {"socketMessage", Phase::event, BodyKind::socket_message, into<read_socket_message>},
    {"socketOpen", Phase::event, BodyKind::socket_open, read_nothing<SocketOpen>},
    {"socketClose", Phase::event, BodyKind::socket_close, read_nothing<SocketClose>},
}};

const DataType* find_type(std::string_view name) {
  const auto* found = std::find_if(kDataTypes.begin(), kDataTypes.end(),
                                   [name](const DataType& type) { return type.name == name; });
  return found == kDataTypes.end() ? nullptr : found;
}

// Inside a batch the name is a key of counts, which may not hold a batch again.
bool names_counter(std::string_view name) { return !name.empty() && name != "batch"; }

// Any other data_type that names a test is a custom counter of that name.
void read_counter(std::string_view name, Reader& reader, Body& body) {
  Reader attempt(reader.fields(), reader.scratch());
  const std::string_view test = read_test(attempt);
  if (!names_counter(name) || attempt.refusal()) {
    reader.refuse(ErrorCode::unknown_type, name, "not a data_type, and without a test no counter");
  }
  body = Counter{.name = name, .test = test};
}

}  // namespace

Phase phase_of(std::string_view data_type) {
  const DataType* type = find_type(data_type);
  return type == nullptr ? Phase::event : type->phase;
}

BodyKind body_kind(std::string_view data_type) {
  if (const DataType* type = find_type(data_type)) return type->kind;
  return names_counter(data_type) ? BodyKind::counter : BodyKind::none;
}

void read_body(std::string_view data_type, Reader& reader, Body& body) {
  if (const DataType* type = find_type(data_type)) {
    type->read(reader, body);
  } else {
    read_counter(data_type, reader, body);
  }
}

}  // namespace weir::schema::loads
