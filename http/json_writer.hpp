#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

// Writes JSON as it goes, so that a long list is not first a tree:
//
//   JsonWriter json;
//   json.object().member("count", 3).key("labels").array();
//   json.end().end();
//   return std::move(json).text();
//
// Bytes that are not UTF-8 are replaced by U+FFFD; a number that is not finite is null.
class JsonWriter {
 public:
  JsonWriter& object() { return begin('{', '}'); }
  JsonWriter& array() { return begin('[', ']'); }
  JsonWriter& end();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);
  JsonWriter& value(std::nullptr_t);
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& value(T number) {
    return raw(std::to_string(number));
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : value(nullptr);
  }
  // What is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& of) {
    return key(name).value(of);
  }

  // REQUIRES: everything that was begun has ended.
  std::string text() && { return std::move(text_); }

 private:
  JsonWriter& begin(char open, char close);
  void separate();

  std::string text_;
  std::string closing_;
  bool is_first_ = true;
  bool after_key_ = false;
};

}  // namespace weir::http
