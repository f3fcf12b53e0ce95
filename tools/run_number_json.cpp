#include "tools/run_number_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::tools {

std::optional<std::int64_t> run_number_from_json(std::string_view text) {
  const nlohmann::json message = nlohmann::json::parse(text, nullptr, false);
  if (!message.is_object()) return std::nullopt;
  const auto number = message.find("number");
  if (number == message.end() || !number->is_number_integer()) return std::nullopt;
  return number->get<std::int64_t>();
}

}  // namespace weir::tools
