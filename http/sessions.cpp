#include "http/sessions.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <sys/random.h>

namespace weir::http {
namespace {

std::string random_id() {
  std::array<std::uint8_t, 32> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (const std::uint8_t byte : bytes) {
    id += kDigits[byte >> 4U];
    id += kDigits[byte & 0xFU];
  }
  return id;
}

}  // namespace

std::string Sessions::start(std::string token, Clock::time_point now) {
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(std::ranges::min_element(sessions_, {},
                                             [](const auto& entry) { return entry.second.ends; }));
  }
  std::string id = random_id();
  sessions_.insert_or_assign(id, Session{std::move(token), now + kLasts});
  return id;
}

std::string_view Sessions::find(std::string_view id, Clock::time_point now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return {};
  if (now < found->second.ends) return found->second.token;
  sessions_.erase(found);
  return {};
}

void Sessions::end(std::string_view id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) sessions_.erase(found);
}

}  // namespace weir::http
