#include "store/rejects_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::store {
namespace {

std::string name_of(std::size_t reason) {
  return std::string{to_string(static_cast<schema::ErrorCode>(reason))};
}

}  // namespace

std::string rejects_to_json(const RejectCounts& counts) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) object[name_of(i)] = counts[i];
  }
  return object.dump();
}

RejectCounts rejects_from_json(std::string_view text) {
  RejectCounts counts{};
  const auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return counts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto found = object.find(name_of(i));
    if (found != object.end() && found->is_number_unsigned()) {
      counts[i] = found->get<std::uint64_t>();
    }
  }
  return counts;
}

}  // namespace weir::store
