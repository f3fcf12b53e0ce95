#include "schema/loads_decode_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "schema/ids.hpp"
#include "schema/loads_decode_numbers.hpp"
#include "schema/loads_decode_text.hpp"

namespace weir::schema::loads {
namespace {

namespace dom = simdjson::dom;

constexpr double kMaxSeconds = 1e9;
constexpr std::int64_t kMaxStatusItem = 1'000'000'000'000;

std::string_view complaint(ErrorCode code) {
  return code == ErrorCode::out_of_range ? "out of range" : "not a number";
}

std::string_view write_id(IdBuffer& buffer, std::integral auto value) {
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

// The id in a value, empty if it says that there is none.
Number<std::string_view> read_id(const dom::element& value, IdBuffer& buffer) {
  switch (value.type()) {
    case dom::element_type::INT64:
      return write_id(buffer, value.get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return write_id(buffer, value.get_uint64().value_unsafe());
    case dom::element_type::STRING: {
      const std::string_view text = value.get_string().value_unsafe();
      if (text.empty() || text == "None") return std::string_view{};
      if (!is_valid_id(text)) return tl::unexpected<ErrorCode>(ErrorCode::out_of_range);
      return text;
    }
    case dom::element_type::DOUBLE: {
      // An integer beyond 64 bits is a float here; it would have been an id but for its size.
      const bool huge = std::abs(value.get_double().value_unsafe()) >= 18446744073709551616.0;
      return tl::unexpected<ErrorCode>(huge ? ErrorCode::out_of_range : ErrorCode::bad_type);
    }
    default:
      return tl::unexpected<ErrorCode>(ErrorCode::bad_type);
  }
}

using StatusItem = Number<std::optional<std::int64_t>>;

StatusItem read_status_item(std::string_view text) {
  if (trim(text).empty()) return std::nullopt;
  return read_whole(text, kMaxStatusItem).map([](std::int64_t value) {
    return std::optional<std::int64_t>(value);
  });
}

StatusItem read_status_item(const dom::element& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return read_status_item(value.get_string().value_unsafe());
  return read_whole(value, kMaxStatusItem).map([](std::int64_t item) {
    return std::optional<std::int64_t>(item);
  });
}

std::optional<std::int64_t>& status_slot(LoadsStatus& status, std::size_t index) {
  switch (index) {
    case 0:
      return status.hits;
    case 1:
      return status.users;
    case 2:
      return status.current_hit;
    default:
      return status.current_user;
  }
}
constexpr std::size_t kStatusItems = 4;

// Sets the next item and returns the error, if there is one.
std::optional<ErrorCode> set_item(LoadsStatus& status, std::size_t index, const StatusItem& item) {
  if (!item) return item.error();
  status_slot(status, index) = *item;
  return std::nullopt;
}

std::optional<ErrorCode> read_status(dom::array items, LoadsStatus& status) {
  std::size_t index = 0;
  for (const dom::element& item : items) {
    if (index == kStatusItems) break;
    if (const auto error = set_item(status, index++, read_status_item(item))) return error;
  }
  return std::nullopt;
}

std::optional<ErrorCode> read_status(std::string_view text, LoadsStatus& status) {
  for (std::size_t index = 0; index < kStatusItems && !text.empty(); ++index) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto error = set_item(status, index, read_status_item(text.substr(0, comma)))) {
      return error;
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace

void Reader::refuse(ErrorCode code, std::string_view field, std::string_view what) {
  if (!refusal_) refusal_ = Refusal{code, field, what};
}

std::string_view Reader::text(Key key) {
  const dom::element* value = given(key);
  if (value == nullptr) return {};
  std::string_view text;
  if (value->get_string().get(text) != simdjson::SUCCESS) {
    refuse(ErrorCode::bad_type, to_string(key), "not a text");
  }
  return text;
}

std::string_view Reader::required_text(Key key) {
  const std::string_view value = text(key);
  if (value.empty()) refuse(ErrorCode::missing_field, to_string(key), "not given");
  return value;
}

std::string_view Reader::required_text(Key key, Key alias) {
  for (Key each : {key, alias}) {
    const dom::element* value = given(each);
    std::string_view text;
    if (value != nullptr && value->get_string().get(text) == simdjson::SUCCESS && !text.empty()) {
      return text;
    }
  }
  // Neither is usable: say what is wrong with the first that is there.
  return required_text(given(key) == nullptr && given(alias) != nullptr ? alias : key);
}

std::string_view Reader::text_or_json(Key key) {
  const dom::element* value = given(key);
  if (value == nullptr || value->is_string()) return text(key);
  return scratch_.keep(simdjson::minify(*value));
}

Number<std::string_view> Reader::optional_id(Key key, IdBuffer& buffer) const {
  const dom::element* value = given(key);
  return value == nullptr ? std::string_view{} : read_id(*value, buffer);
}

void Reader::refuse_id(ErrorCode code, Key key) {
  refuse(code, to_string(key),
         code == ErrorCode::bad_type ? "not a text or an integer" : "not a valid id");
}

std::string_view Reader::id(Key key, IdBuffer& buffer) {
  const Number<std::string_view> id = optional_id(key, buffer);
  if (id) return *id;
  refuse_id(id.error(), key);
  return {};
}

std::string_view Reader::id(Key key, Key alias, IdBuffer& buffer) {
  const Number<std::string_view> first = optional_id(key, buffer);
  if (first && !first->empty()) return *first;
  const Number<std::string_view> second = optional_id(alias, buffer);
  if (second && !second->empty()) return *second;
  if (!first) refuse_id(first.error(), key);
  if (!second) refuse_id(second.error(), alias);
  return {};
}

std::optional<bool> Reader::boolean(Key key) {
  const dom::element* value = given(key);
  if (value == nullptr) return std::nullopt;
  bool truth = false;
  if (value->get_bool().get(truth) != simdjson::SUCCESS) {
    refuse(ErrorCode::bad_type, to_string(key), "not true or false");
  }
  return truth;
}

std::optional<std::uint64_t> Reader::counter(Key key) {
  const dom::element* value = given(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) refuse(ErrorCode::bad_type, to_string(key), "not an integer");
  const auto number = read_whole(*value, std::numeric_limits<std::int64_t>::max());
  if (!number) {
    refuse(number.error(), to_string(key),
           number.error() == ErrorCode::bad_type ? "not an integer" : "out of range");
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*number);
}

std::optional<std::int64_t> Reader::whole(Key key, std::int64_t max) {
  const dom::element* value = given(key);
  if (value == nullptr) return std::nullopt;
  const Number<std::int64_t> number = read_whole(*value, max);
  if (number) return *number;
  refuse(number.error(), to_string(key),
         number.error() == ErrorCode::bad_type ? "not a whole number" : "out of range");
  return std::nullopt;
}

std::optional<Elapsed> Reader::seconds(Key key) {
  const dom::element* value = given(key);
  if (value == nullptr) return std::nullopt;
  const Number<double> number = read_number(*value);
  if (number && std::abs(*number) <= kMaxSeconds) return from_seconds(std::max(*number, 0.0));
  const ErrorCode code = number ? ErrorCode::out_of_range : number.error();
  refuse(code, to_string(key), complaint(code));
  return std::nullopt;
}

std::optional<Timestamp> Reader::time(Key key) {
  const std::string_view value = text(key);
  if (value.empty()) return std::nullopt;
  const Result<Timestamp> time = parse_time(value);
  if (time) return *time;
  refuse(time.error().code, to_string(key),
         time.error().code == ErrorCode::out_of_range ? "no such date" : "not ISO 8601");
  return std::nullopt;
}

LoadsStatus Reader::loads_status() {
  LoadsStatus status;
  const dom::element* value = given(Key::loads_status);
  if (value == nullptr) return status;
  std::optional<ErrorCode> error = ErrorCode::bad_type;
  if (value->is_array()) error = read_status(value->get_array().value_unsafe(), status);
  if (value->is_string()) error = read_status(value->get_string().value_unsafe(), status);
  if (error) {
    refuse(*error, to_string(Key::loads_status),
           *error == ErrorCode::bad_type ? "not a list of whole numbers" : "out of range");
  }
  return status;
}

}  // namespace weir::schema::loads
