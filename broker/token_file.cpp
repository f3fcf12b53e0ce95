#include "broker/token_file.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include "broker/private_file.hpp"
#include "broker/quote.hpp"
#include "schema/ids.hpp"

namespace weir::broker {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

constexpr std::string_view kHead =
    "# API tokens of weir: SHA-256, role, made, name. Change it with: weir token\n";

std::optional<TokenEntry> parse_entry(std::string_view line) {
  const auto hash = from_hex(take_field(line, ' '));
  const auto role = schema::parse_role(take_field(line, ' '));
  const auto created = schema::parse_time(take_field(line, ' '));
  if (!hash || !role || !created || !schema::is_valid_id(line)) return std::nullopt;
  return TokenEntry{{std::string{line}, *role}, *created, *hash};
}

Result<void> write_tokens(const std::filesystem::path& file,
                          const std::vector<TokenEntry>& entries) {
  std::string text{kHead};
  for (const TokenEntry& entry : entries) {
    text.append(to_hex(entry.hash)).append(" ").append(to_string(entry.grant.role)).append(" ");
    text.append(schema::format_time(entry.created)).append(" ").append(entry.grant.name) += '\n';
  }
  return write_private_file(file, text);
}

auto named(std::string_view name) {
  return [name](const TokenEntry& entry) { return entry.grant.name == name; };
}

}  // namespace

std::filesystem::path token_file(const std::filesystem::path& data_folder) {
  return data_folder / "tokens";
}

Result<std::vector<TokenEntry>> read_tokens(const std::filesystem::path& file) {
  std::vector<TokenEntry> entries;
  const auto text = read_private_file(file, KeptFrom::readers);
  if (!text && text.error().code == ErrorCode::not_found) return entries;
  if (!text) return tl::unexpected(text.error());
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = take_field(rest, '\n');
    if (line.empty() || line.front() == '#') continue;
    auto entry = parse_entry(line);
    const std::string place = file.string() + ":" + std::to_string(number);
    if (!entry) return fail(ErrorCode::invalid_setting, place + ": is not the line of a token");
    if (entries.size() >= kMaxTokens) {
      return fail(ErrorCode::too_large,
                  place + ": more than " + std::to_string(kMaxTokens) + " tokens");
    }
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::string> add_token(const std::filesystem::path& file, const schema::Grant& grant,
                              schema::Timestamp now) {
  if (!schema::is_valid_id(grant.name)) {
    return fail(ErrorCode::invalid_setting,
                "the name must be 1 to 128 bytes of UTF-8 without '/' or control characters");
  }
  const FileChange change{file};
  auto entries = read_tokens(file);
  if (!entries) return tl::unexpected(entries.error());
  if (std::ranges::any_of(*entries, named(grant.name))) {
    return fail(ErrorCode::invalid_setting, "there is a token " + quote(grant.name) +
                                                " already; revoke it, or take another name");
  }
  if (entries->size() >= kMaxTokens) {
    return fail(ErrorCode::too_large, "there are " + std::to_string(kMaxTokens) +
                                          " tokens, which is the limit; revoke some");
  }
  std::string token = random_token();
  entries->push_back({grant, now, sha256(token)});
  const auto written = write_tokens(file, *entries);
  if (!written) return tl::unexpected(written.error());
  return token;
}

Result<void> revoke_token(const std::filesystem::path& file, std::string_view name) {
  std::error_code unknown;  // is for read_tokens() to tell
  if (!std::filesystem::exists(file, unknown) && !unknown) {
    return fail(ErrorCode::not_found, "there are no tokens");
  }
  const FileChange change{file};
  auto entries = read_tokens(file);
  if (!entries) return tl::unexpected(entries.error());
  if (std::erase_if(*entries, named(name)) == 0) {
    return fail(ErrorCode::not_found, "there is no token " + quote(name));
  }
  return write_tokens(file, *entries);
}

}  // namespace weir::broker
