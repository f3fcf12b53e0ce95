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

void TokenList::refresh(FileWatch::Clock::time_point now) {
  if (!watch_.changed(now)) return;
  if (const auto done = read(); !done) {
    log_event(LogLevel::error, "tokens_not_read", {{"detail", done.error().detail}});
  } else {
    log_event(LogLevel::info, "tokens_read", {{"tokens", entries_.size()}});
  }
}

std::optional<Grant> TokenList::find(std::string_view token) const {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const Sha256 hash = sha256(token);
  const TokenEntry* found = nullptr;
  for (const TokenEntry& entry : entries_) {
    if (same(entry.hash, hash)) found = &entry;
  }
  if (found == nullptr) return std::nullopt;
  return found->grant;
}

}  // namespace weir::broker
