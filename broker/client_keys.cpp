#include "broker/client_keys.hpp"

#include <utility>

#include "broker/log.hpp"
#include "broker/quote.hpp"
#include "schema/curve_key.hpp"
#include "schema/ids.hpp"

namespace weir::broker {
namespace {

using schema::ErrorCode;
using schema::fail;
using schema::Result;

constexpr std::string_view kHead =
    "# Who may connect to weir: public key, role (runner, viewer or admin), name.\n";

}  // namespace

Result<ClientKeys> ClientKeys::open(const std::filesystem::path& file) {
  ClientKeys keys{file, FileWatch{file}};  // watched from before it is read
  auto grants = read(file);
  if (!grants) return tl::unexpected(grants.error());
  keys.grants_ = *std::move(grants);
  return keys;
}

Result<ClientKeys::Grants> ClientKeys::read(const std::filesystem::path& file) {
  Grants grants;
  const auto text = read_private_file(file, KeptFrom::writers);
  if (!text && text.error().code == ErrorCode::not_found) return grants;
  if (!text) return tl::unexpected(text.error());
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    std::string_view line = take_field(rest, '\n');
    if (line.empty() || line.front() == '#') continue;
    const std::string place = file.string() + ":" + std::to_string(number);
    const std::string_view key = take_field(line, ' ');
    const auto role = schema::parse_role(take_field(line, ' '));
    if (!schema::is_curve_key(key) || !role || !schema::is_valid_id(line)) {
      return fail(ErrorCode::invalid_setting,
                  place + ": is not a public key, a role (runner, viewer or admin) and a name");
    }
    if (!grants.try_emplace(std::string{key}, schema::Grant{std::string{line}, *role}).second) {
      return fail(ErrorCode::invalid_setting, place + ": the same key again");
    }
    if (grants.size() > kMaxClientKeys) {
      return fail(ErrorCode::too_large,
                  place + ": more than " + std::to_string(kMaxClientKeys) + " keys");
    }
  }
  return grants;
}

void ClientKeys::refresh(FileWatch::Clock::time_point now) {
  if (!watch_.changed(now)) return;
  auto grants = read(file_);
  if (!grants) {
    if (grants.error().code == ErrorCode::io) watch_.look_again();
    log_event(LogLevel::error, "client_keys_not_read", {{"detail", grants.error().detail}});
    return;
  }
  grants_ = *std::move(grants);
  log_event(LogLevel::info, "client_keys_read", {{"keys", grants_.size()}});
}

const schema::Grant* ClientKeys::find(std::string_view public_key) const {
  const auto found = grants_.find(public_key);
  return found == grants_.end() ? nullptr : &found->second;
}

Result<void> add_client_key(const std::filesystem::path& file, std::string_view public_key,
                            const schema::Grant& grant) {
  if (!schema::is_valid_id(grant.name)) {
    return fail(ErrorCode::invalid_setting,
                "the name must be 1 to 128 bytes of UTF-8 without '/' or control characters");
  }
  const FileChange change{file};
  auto text = read_private_file(file, KeptFrom::writers);
  if (!text && text.error().code != ErrorCode::not_found) return tl::unexpected(text.error());
  std::string all = text ? *std::move(text) : std::string{kHead};
  if (!all.empty() && all.back() != '\n') all += '\n';
  for (std::string_view rest = all; !rest.empty();) {
    std::string_view line = take_field(rest, '\n');
    if (line.starts_with('#')) continue;
    take_field(line, ' ');
    take_field(line, ' ');
    if (line == grant.name) {
      return fail(ErrorCode::invalid_setting,
                  file.string() + " has a client " + quote(grant.name) + " already");
    }
  }
  all.append(public_key).append(" ").append(to_string(grant.role)).append(" ");
  all.append(grant.name) += '\n';
  return write_private_file(file, all);
}

}  // namespace weir::broker
