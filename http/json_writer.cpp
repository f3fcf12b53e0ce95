#include "http/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

namespace weir::http {

void JsonWriter::separate() {
  if (!is_first_ && !after_key_) text_ += ',';
  is_first_ = after_key_ = false;
}

JsonWriter& JsonWriter::begin(char open, char close) {
  separate();
  text_ += open;
  closing_ += close;
  is_first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end() {
  text_ += closing_.back();
  closing_.pop_back();
  is_first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  text_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  using nlohmann::json;
  return raw(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
}

JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonWriter& JsonWriter::value(std::nullptr_t) { return raw("null"); }

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return value(nullptr);
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

}  // namespace weir::http
