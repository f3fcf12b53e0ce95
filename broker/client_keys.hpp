#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "broker/private_file.hpp"
#include "schema/error.hpp"
#include "schema/role.hpp"

namespace weir::broker {

inline constexpr std::size_t kMaxClientKeys = 10'000;

// The public keys of the clients that may connect, and what they may do: a file with a line for
// each, `<Z85 public key> <role> <name>`; # starts a comment. Others must not be able to write it.
// Follows the file as TokenList does. Used by one thread.
class ClientKeys {
 public:
  // No such file is an empty list. Errors: io, too_large, invalid_setting (names the line).
  static schema::Result<ClientKeys> open(const std::filesystem::path& file);

  // To be called before a look-up; looks at the file at most once a second.
  void refresh(FileWatch::Clock::time_point now);

  // nullptr if nobody has this key.
  const schema::Grant* find(std::string_view public_key) const;

 private:
  using Grants = std::map<std::string, schema::Grant, std::less<>>;
  ClientKeys(std::filesystem::path file, FileWatch watch)
      : file_(std::move(file)), watch_(std::move(watch)) {}
  static schema::Result<Grants> read(const std::filesystem::path& file);

  std::filesystem::path file_;
  FileWatch watch_;
  Grants grants_;
};

// Adds a line to the file, which is made if there is none. Errors: as ClientKeys::open(), and
// invalid_setting (the name is no id, or is taken).
schema::Result<void> add_client_key(const std::filesystem::path& file, std::string_view public_key,
                                    const schema::Grant& grant);

}  // namespace weir::broker
