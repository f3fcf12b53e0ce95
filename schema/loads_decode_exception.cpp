#include "schema/loads_decode_exception.hpp"

#include <array>

#include "schema/exception_class.hpp"

namespace weir::schema::loads {
namespace {

namespace dom = simdjson::dom;

// "ValueError: not a number" has its class in front.
Exception from_text(std::string_view text) {
  constexpr std::string_view kSeparator = ": ";
  const std::size_t colon = text.find(kSeparator);
  if (colon == std::string_view::npos || class_likeness(text.substr(0, colon)) < 2) {
    return {.class_name = {}, .message = text, .traceback = {}};
  }
  return {.class_name = bare_class_name(text.substr(0, colon)),
          .message = text.substr(colon + kSeparator.size()),
          .traceback = {}};
}

std::string_view item_text(const dom::element& item, Scratch& scratch) {
  if (item.is_null()) return {};
  if (item.is_string()) return item.get_string().value_unsafe();
  return scratch.keep(simdjson::minify(item));
}

// The page says message, class, traceback; loads sends class, message, traceback. A class looks
// like a class: the first item is the message only if the second looks more like a class.
Exception from_list(dom::array list, Scratch& scratch) {
  std::array<std::string_view, 3> items;
  std::size_t count = 0;
  for (const dom::element& item : list) {
    if (count == items.size()) break;
    items[count++] = item_text(item, scratch);
  }
  if (count == 1) return from_text(items[0]);
  if (class_likeness(items[1]) > class_likeness(items[0])) std::swap(items[0], items[1]);
  return {.class_name = bare_class_name(items[0]), .message = items[1], .traceback = items[2]};
}

struct Part {
  std::string_view key;
  std::string_view Exception::*member;
};
// Of two keys for one thing the earlier is preferred.
constexpr std::array<Part, 7> kParts = {{{"name", &Exception::class_name},
                                         {"class", &Exception::class_name},
                                         {"type", &Exception::class_name},
                                         {"message", &Exception::message},
                                         {"msg", &Exception::message},
                                         {"stack", &Exception::traceback},
                                         {"traceback", &Exception::traceback}}};

Exception from_object(const dom::element& value, Scratch& scratch) {
  std::array<dom::element, kParts.size()> values;
  std::array<bool, kParts.size()> is_text{};
  bool empty = true;
  bool known = false;
  const dom::object object = value.get_object().value_unsafe();
  for (const dom::key_value_pair& field : object) {
    empty = false;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      if (field.key != kParts[i].key) continue;
      values[i] = field.value;
      is_text[i] = field.value.is_string();
    }
  }
  Exception exception;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    if (!is_text[i]) continue;
    known = true;
    std::string_view& part = exception.*kParts[i].member;
    if (part.empty()) part = values[i].get_string().value_unsafe();
  }
  exception.class_name = bare_class_name(exception.class_name);
  if (!known && !empty) exception.message = scratch.keep(simdjson::minify(value));
  return exception;
}

}  // namespace

Exception read_exception(Reader& reader) {
  for (Key key : {Key::exc_info, Key::exc, Key::error}) {
    const dom::element* value = reader.fields().find(key);
    if (value == nullptr) continue;
    Exception exception;
    switch (value->type()) {
      case dom::element_type::ARRAY:
        exception = from_list(value->get_array().value_unsafe(), reader.scratch());
        break;
      case dom::element_type::OBJECT:
        exception = from_object(*value, reader.scratch());
        break;
      default:
        exception = from_text(item_text(*value, reader.scratch()));
    }
    if (exception != Exception{}) return exception;
  }
  return {};
}

}  // namespace weir::schema::loads
