#include "http/request.hpp"

#include <algorithm>
#include <array>

#include "http/text.hpp"

namespace weir::http {

std::string_view to_string(Method method) {
  constexpr std::array<std::string_view, 8> kNames{"GET",   "HEAD",   "POST",    "PUT",
                                                   "PATCH", "DELETE", "OPTIONS", "other"};
  return kNames.at(static_cast<std::size_t>(method));
}

std::string_view Request::field(std::string_view name) const {
  const auto found = std::ranges::find_if(
      fields, [name](const auto& entry) { return same_ignoring_case(entry.first, name); });
  return found == fields.end() ? std::string_view{} : found->second;
}

}  // namespace weir::http
