#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

// The sessions of browsers: each stands for a token, so that revoking the token ends it. In memory
// only; beyond kMaxSessions the one that would end first does. Used by the loop only.
class Sessions {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxSessions = 10'000;
  static constexpr std::chrono::hours kLasts{12};

  // Returns its id: 32 random bytes in hex. Throws std::system_error if the system has no random
  // numbers.
  std::string start(std::string token, Clock::time_point now);
  // The token that it stands for; empty if there is no such session.
  std::string_view find(std::string_view id, Clock::time_point now);
  void end(std::string_view id);

 private:
  struct Session {
    std::string token;
    Clock::time_point ends;
  };
  std::map<std::string, Session, std::less<>> sessions_;
};

}  // namespace weir::http
