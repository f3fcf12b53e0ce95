#include "schema/curve_key.hpp"

#include <algorithm>
#include <string>

namespace weir::schema {
namespace {

constexpr std::size_t kKeyCharacters = 40;
constexpr std::string_view kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string* field(CurveKey& key, std::string_view name) {
  if (name == "public") return &key.public_key;
  if (name == "secret") return &key.secret_key;
  if (name == "server") return &key.server_key;
  return nullptr;
}

void append(std::string& text, std::string_view name, std::string_view value) {
  if (!value.empty()) text.append(name).append(" = \"").append(value).append("\"\n");
}

}  // namespace

bool is_curve_key(std::string_view text) {
  return text.size() == kKeyCharacters && text.find_first_not_of(kZ85) == std::string_view::npos;
}

Result<CurveKey> parse_key_file(std::string_view text) {
  CurveKey key;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    std::string_view value;
    if (equals != std::string_view::npos) value = trimmed(line.substr(equals + 1));
    const bool quoted = value.size() > 2 && value.front() == '"' && value.back() == '"';
    std::string* place = field(key, trimmed(line.substr(0, equals)));
    if (place == nullptr || !quoted || !is_curve_key(value.substr(1, value.size() - 2))) {
      return fail(ErrorCode::invalid_setting,
                  "line " + std::to_string(number) + " is not that of a key");
    }
    *place = value.substr(1, value.size() - 2);
  }
  if (key.public_key.empty()) return fail(ErrorCode::invalid_setting, "there is no public key");
  return key;
}

std::string format_key_file(const CurveKey& key, std::string_view comment) {
  std::string text{comment};
  append(text, "public", key.public_key);
  append(text, "secret", key.secret_key);
  append(text, "server", key.server_key);
  return text;
}

}  // namespace weir::schema
