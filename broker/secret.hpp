#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::broker {

// The cryptography of tokens; any thread. Throws std::runtime_error if libsodium cannot start.

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view text);

// Compares in a time that does not tell where they differ.
bool same(const Sha256& one, const Sha256& other);

std::string to_hex(const Sha256& hash);
// Empty unless the text is 64 hex digits.
std::optional<Sha256> from_hex(std::string_view text);

// A new token: weir_ and 32 random bytes in base64url, 48 characters in all.
std::string random_token();

}  // namespace weir::broker
