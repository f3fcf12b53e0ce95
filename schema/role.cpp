#include "schema/role.hpp"

#include <array>

namespace weir::schema {
namespace {

constexpr std::array<std::string_view, 3> kNames{"viewer", "runner", "admin"};

}  // namespace

std::string_view to_string(Role role) { return kNames.at(static_cast<std::size_t>(role)); }

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::viewer, Role::runner, Role::admin}) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

bool may(Role role, Purpose purpose) {
  if (role == Role::admin) return true;
  return role == (purpose == Purpose::report ? Role::runner : Role::viewer);
}

}  // namespace weir::schema
