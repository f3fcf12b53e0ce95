#include "broker/setting_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/quote.hpp"

namespace weir::broker {
namespace {

using std::chrono::milliseconds;

// A place of the setting's type, to be asked for that only.
Field place_of(const Setting& setting) {
  static Config scratch;
  return setting.field(scratch);
}

bool is_duration(const Setting& setting) {
  return std::holds_alternative<milliseconds*>(place_of(setting));
}

std::string number_text(double number) {
  std::array<char, 32> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  return error == std::errc{} ? std::string{buffer.data(), end} : "a number";
}

// Milliseconds in one unit of the key.
double unit(const Setting& setting) { return setting.key.ends_with("_s") ? 1'000 : 1; }

std::string joined(const std::vector<std::string>& items, std::string_view between) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += between;
    out += item;
  }
  return out;
}

std::string toml_list(const std::vector<std::string>& items) {
  std::vector<std::string> texts(items.size());
  std::transform(items.begin(), items.end(), texts.begin(), quote);
  return "[" + joined(texts, ", ") + "]";
}

struct Show {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    return std::isfinite(value) && std::abs(value) < 1e15 ? number_text(value) : "that number";
  }
  std::string operator()(const std::string& value) const { return quote(value); }
  std::string operator()(const std::vector<std::string>& value) const { return toml_list(value); }
  std::string operator()(const OtherValue& value) const { return std::string{value.what}; }
};

bool fits(const Setting& setting, const std::string& text) {
  switch (setting.form) {
    case TextForm::endpoint:
      return is_endpoint(text);
    case TextForm::endpoint_or_empty:
      return text.empty() || is_endpoint(text);
    case TextForm::address_or_empty:
      return text.empty() || is_address(text);
    case TextForm::choice:
      return std::find(setting.choices.begin(), setting.choices.end(), text) !=
             setting.choices.end();
    case TextForm::any:
    case TextForm::any_or_empty:
      break;
  }
  // NUL ends a C string early, and an empty name is none.
  return (!text.empty() || setting.form == TextForm::any_or_empty) &&
         text.find('\0') == std::string::npos;
}

// Writes a value through the typed pointer; false if it does not fit.
struct Assign {
  const Setting& setting;
  const SettingValue& value;

  bool operator()(bool* place) const {
    const auto* given = std::get_if<bool>(&value);
    if (given != nullptr) *place = *given;
    return given != nullptr;
  }
  template <std::integral T>
  bool operator()(T* place) const {
    const auto* given = std::get_if<std::int64_t>(&value);
    if (given == nullptr || !in_range(static_cast<double>(*given))) return false;
    *place = static_cast<T>(*given);
    return true;
  }
  bool operator()(milliseconds* place) const {
    const auto* whole = std::get_if<std::int64_t>(&value);
    const auto* fraction = std::get_if<double>(&value);
    if (whole == nullptr && fraction == nullptr) return false;
    const double given = whole != nullptr ? static_cast<double>(*whole) : *fraction;
    if (!in_range(given)) return false;
    *place = milliseconds{std::llround(given * unit(setting))};
    return true;
  }
  bool operator()(std::string* place) const {
    const auto* given = std::get_if<std::string>(&value);
    if (given == nullptr || !fits(setting, *given)) return false;
    *place = *given;
    return true;
  }
  bool operator()(std::filesystem::path* place) const {
    std::string text;
    const bool fitting = (*this)(&text);
    if (fitting) *place = text;
    return fitting;
  }
  bool operator()(std::vector<std::string>* place) const {
    const auto* given = std::get_if<std::vector<std::string>>(&value);
    if (given == nullptr || !in_range(static_cast<double>(given->size()))) return false;
    const bool all = std::all_of(given->begin(), given->end(),
                                 [this](const auto& text) { return fits(setting, text); });
    if (all) *place = *given;
    return all;
  }

  // Written so that NaN is outside.
  [[nodiscard]] bool in_range(double number) const {
    return number >= setting.min && number <= setting.max;
  }
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> items;
  if (text.empty()) return items;
  while (true) {
    const auto comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// A text as the value it spells; as itself if it spells none of the kind that is wanted.
struct Parse {
  std::string_view text;

  SettingValue operator()(const bool* /*place*/) const {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::string{text};
  }
  template <std::integral T>
  SettingValue operator()(const T* /*place*/) const {
    if (const auto number = parse_number<std::int64_t>(text)) return *number;
    return std::string{text};
  }
  SettingValue operator()(const milliseconds* /*place*/) const {
    if (const auto number = parse_number<double>(text)) return *number;
    return std::string{text};
  }
  SettingValue operator()(const std::string* /*place*/) const { return std::string{text}; }
  SettingValue operator()(const std::filesystem::path* /*place*/) const {
    return std::string{text};
  }
  SettingValue operator()(const std::vector<std::string>* /*place*/) const { return split(text); }
};

struct Print {
  const Setting& setting;

  std::string operator()(const bool* place) const { return *place ? "true" : "false"; }
  template <std::integral T>
  std::string operator()(const T* place) const {
    return std::to_string(*place);
  }
  std::string operator()(const milliseconds* place) const {
    return number_text(static_cast<double>(place->count()) / unit(setting));
  }
  std::string operator()(const std::string* place) const { return quote(*place); }
  std::string operator()(const std::filesystem::path* place) const {
    return quote(place->native());
  }
  std::string operator()(const std::vector<std::string>* place) const { return toml_list(*place); }
};

std::string accepted_text(const Setting& setting) {
  switch (setting.form) {
    case TextForm::endpoint:
      return "an endpoint such as \"tcp://127.0.0.1:7071\"";
    case TextForm::endpoint_or_empty:
      return "an endpoint such as \"tcp://127.0.0.1:7075\", or \"\" for none";
    case TextForm::address_or_empty:
      return "host:port such as \"127.0.0.1:7070\", or \"\" for none";
    case TextForm::choice: {
      std::vector<std::string> choices(setting.choices.size());
      std::transform(setting.choices.begin(), setting.choices.end(), choices.begin(), quote);
      return "one of " + joined(choices, ", ");
    }
    case TextForm::any:
    case TextForm::any_or_empty:
      break;
  }
  return "a text";
}

}  // namespace

std::optional<std::string> assign(const Setting& setting, const SettingValue& value,
                                  Config& config) {
  if (std::visit(Assign{setting, value}, setting.field(config))) return std::nullopt;
  return "must be " + accepted(setting) + ", not " +
         (setting.secret ? "that" : std::visit(Show{}, value));
}

std::optional<std::string> assign_text(const Setting& setting, std::string_view text,
                                       Config& config) {
  return assign(setting, std::visit(Parse{text}, setting.field(config)), config);
}

bool is_list(const Setting& setting) {
  return std::holds_alternative<std::vector<std::string>*>(place_of(setting));
}

std::string accepted(const Setting& setting) {
  const Field place = place_of(setting);
  if (std::holds_alternative<bool*>(place)) return "true or false";
  if (std::holds_alternative<std::filesystem::path*>(place)) {
    return setting.form == TextForm::any_or_empty ? "a path, or \"\" for the default" : "a path";
  }
  if (std::holds_alternative<std::string*>(place)) return accepted_text(setting);
  const std::string range = number_text(setting.min) + " to " + number_text(setting.max);
  if (is_list(setting)) return "a list of " + range + " entries, each " + accepted_text(setting);
  return (is_duration(setting) ? "a number from " : "a whole number from ") + range;
}

std::string toml_value(const Setting& setting, const Config& config) {
  // The table's accessors serve reading too; the copy keeps the caller's config const.
  Config copy = config;
  const std::string text = std::visit(Print{setting}, setting.field(copy));
  return setting.secret && text != "\"\"" ? "\"***\"" : text;
}

}  // namespace weir::broker
