#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/styled_text.hpp"
#include "tools/top_screen.hpp"

struct screen;

namespace weir::tools {

// The terminal as a full screen; gives it back as it was when destroyed. One at a time.
class TopTerminal {
 public:
  enum class Key : std::uint8_t { quit, next_run, previous_run, labels_up, labels_down, other };

  // Throws std::runtime_error if the terminal cannot address its cursor.
  explicit TopTerminal(bool colour);
  ~TopTerminal();
  TopTerminal(const TopTerminal&) = delete;
  TopTerminal& operator=(const TopTerminal&) = delete;
  TopTerminal(TopTerminal&&) = delete;
  TopTerminal& operator=(TopTerminal&&) = delete;

  ScreenSize size() const;
  // Takes the window's size as it is now; call it after SIGWINCH.
  void resize();
  void paint(const std::vector<StyledLine>& lines);
  // The next key that was pressed, if any; does not wait.
  std::optional<Key> key();

 private:
  ::screen* screen_;
  bool colour_ = false;
};

}  // namespace weir::tools
