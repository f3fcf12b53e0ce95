#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::schema {

// What somebody may do: a runner reports, a viewer looks, an admin does both.
enum class Role : std::uint8_t { viewer, runner, admin };

// Whom a token or a key belongs to.
struct Grant {
  std::string name;
  Role role = Role::viewer;
};

std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

// What a socket is for.
enum class Purpose : std::uint8_t { report, look };

bool may(Role role, Purpose purpose);

}  // namespace weir::schema
