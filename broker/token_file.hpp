#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "broker/secret.hpp"
#include "schema/error.hpp"
#include "schema/role.hpp"
#include "schema/time.hpp"

namespace weir::broker {

// The file <data folder>/tokens, mode 0600: a line for each API token, `<SHA-256 in hex> <role>
// <when it was made> <name>`; # starts a comment. It has no token itself.

inline constexpr std::size_t kMaxTokens = 1'000;

struct TokenEntry {
  schema::Grant grant;
  schema::Timestamp created;
  Sha256 hash{};
};

std::filesystem::path token_file(const std::filesystem::path& data_folder);

// The entries; none if there is no such file. Errors: io, too_large, invalid_setting (names the
// line), all without quoting the file.
schema::Result<std::vector<TokenEntry>> read_tokens(const std::filesystem::path& file);

// Adds an entry and returns its token, which is not kept anywhere. Errors: as read_tokens(), and
// invalid_setting (the name is no id or is taken), too_large (kMaxTokens are there).
schema::Result<std::string> add_token(const std::filesystem::path& file, const schema::Grant& grant,
                                      schema::Timestamp now);

// Errors: as read_tokens(), and not_found.
schema::Result<void> revoke_token(const std::filesystem::path& file, std::string_view name);

}  // namespace weir::broker
