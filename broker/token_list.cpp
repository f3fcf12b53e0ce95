#include "broker/token_list.hpp"

#include <system_error>
#include <utility>

#include "broker/log.hpp"

namespace weir::broker {

schema::Result<TokenList> TokenList::open(const std::filesystem::path& file) {
  TokenList list{file, FileWatch{file}};  // watched from before it is read
  const auto done = list.read();
  if (!done) return tl::unexpected(done.error());
  return list;
}

schema::Result<void> TokenList::read() {
  std::error_code unknown;  // is for read_tokens() to tell
  const bool there = std::filesystem::exists(file_, unknown);
  auto entries = read_tokens(file_);
  if (!entries) return tl::unexpected(entries.error());
  entries_ = *std::move(entries);
  required_ = required_ || there;
  return {};
}

bool TokenList::refresh(FileWatch::Clock::time_point now) {
  if (!watch_.changed(now)) return false;
  if (const auto done = read(); !done) {
    if (done.error().code == schema::ErrorCode::io) watch_.look_again();
    log_event(LogLevel::error, "tokens_not_read", {{"detail", done.error().detail}});
    return false;
  }
  log_event(LogLevel::info, "tokens_read", {{"tokens", entries_.size()}});
  return true;
}

std::optional<schema::Grant> TokenList::find(std::string_view token) const {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  return find(sha256(token));
}

std::optional<schema::Grant> TokenList::find(const Sha256& hash) const {
  const TokenEntry* found = nullptr;
  for (const TokenEntry& entry : entries_) {
    if (same(entry.hash, hash)) found = &entry;
  }
  if (found == nullptr) return std::nullopt;
  return found->grant;
}

}  // namespace weir::broker
