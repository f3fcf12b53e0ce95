#include "broker/toml_file.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace weir::broker {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

schema::Result<std::string> read_text(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return schema::fail(schema::ErrorCode::not_found, path + ": cannot be opened");
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return schema::fail(schema::ErrorCode::io, path + ": cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) {
    return schema::fail(schema::ErrorCode::too_large, path + ": more than 1 MiB");
  }
  return text;
}

SettingValue list_value(const toml::array& array) {
  std::vector<std::string> items;
  for (const toml::node& node : array) {
    const auto* text = node.as_string();
    if (text == nullptr) return OtherValue{"a list with something other than texts"};
    items.push_back(text->get());
  }
  return items;
}

SettingValue value_of(const toml::node& node) {
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) return list_value(*array);
  return OtherValue{node.is_table() ? "a table" : "a date or time"};
}

void collect(const toml::table& table, const std::string& prefix, std::vector<FileSetting>& found) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string{key.str()};
    if (prefix.empty() && node.is_table()) {
      collect(*node.as_table(), name + ".", found);
    } else {
      found.push_back({name, value_of(node), node.source().begin.line});
    }
  }
}

}  // namespace

schema::Result<std::vector<FileSetting>> read_toml_file(const std::string& path) {
  const auto text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  try {
    std::vector<FileSetting> found;
    collect(toml::parse(*text, path), "", found);
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    return found;
  } catch (const toml::parse_error& error) {
    const auto line = std::to_string(error.source().begin.line);
    return schema::fail(schema::ErrorCode::invalid_setting,
                        path + ":" + line + ": " + std::string{error.description()});
  }
}

}  // namespace weir::broker
