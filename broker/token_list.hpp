#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/private_file.hpp"
#include "broker/token_file.hpp"
#include "schema/error.hpp"
#include "schema/role.hpp"

namespace weir::broker {

// The API tokens as a broker that runs knows them. Follows the file: a change counts within about a
// second of refresh(); one that cannot be read is logged, and the list stays as it was, so that
// nobody gets in by breaking or removing the file. Used by one thread.
class TokenList {
 public:
  // A token longer than this is none.
  static constexpr std::size_t kMaxTokenBytes = 256;

  // Errors: those of read_tokens().
  static schema::Result<TokenList> open(const std::filesystem::path& file);

  // To be called now and then, as each tick. Returns whether the list is another since.
  bool refresh(FileWatch::Clock::time_point now);

  // Whether one has to show a token: there is a file of tokens, even if all were revoked.
  bool required() const { return required_; }

  // Whose token it is. Looks at every entry, each in constant time.
  std::optional<schema::Grant> find(std::string_view token) const;
  std::optional<schema::Grant> find(const Sha256& hash) const;

 private:
  TokenList(std::filesystem::path file, FileWatch watch)
      : file_(std::move(file)), watch_(std::move(watch)) {}
  schema::Result<void> read();

  std::filesystem::path file_;
  FileWatch watch_;
  bool required_ = false;
  std::vector<TokenEntry> entries_;
};

}  // namespace weir::broker
