#include "tools/top_terminal.hpp"

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

// After the standard library: curses defines macros with everyday names.
#define NCURSES_NOMACROS
#include <curses.h>

namespace weir::tools {
namespace {

enum Pair : short { good_pair = 1, warn_pair, bad_pair };

attr_t attributes(Style style, bool colour) {
  const auto pair = [colour](Pair number) {
    return colour ? static_cast<attr_t>(COLOR_PAIR(number)) : A_NORMAL;
  };
  switch (style) {
    case Style::plain:
      return A_NORMAL;
    case Style::strong:
      return A_BOLD;
    case Style::dim:
      return A_DIM;
    case Style::bar:
      return A_REVERSE;
    case Style::good:
      return pair(good_pair);
    case Style::warn:
      return pair(warn_pair) | A_BOLD;
    case Style::bad:
      return pair(bad_pair) | A_BOLD;
  }
  return A_NORMAL;
}

// The screen is drawn in UTF-8: sparklines, labels in any language.
void use_utf8() {
  (void)std::setlocale(LC_CTYPE, "");
  if (std::string{nl_langinfo(CODESET)} != "UTF-8") (void)std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

TopTerminal::TopTerminal(bool colour) {
  use_utf8();
  screen_ = newterm(nullptr, stdout, stdin);
  if (screen_ == nullptr) {
    const char* name = std::getenv("TERM");
    throw std::runtime_error(std::string{"cannot draw on terminal "} +
                             (name == nullptr ? "without TERM" : name));
  }
  cbreak();
  noecho();
  keypad(stdscr, true);
  nodelay(stdscr, true);
  set_escdelay(25);
  curs_set(0);
  colour_ = colour && has_colors();
  if (colour_) {
    start_color();
    use_default_colors();
    init_pair(good_pair, COLOR_GREEN, -1);
    init_pair(warn_pair, COLOR_YELLOW, -1);
    init_pair(bad_pair, COLOR_RED, -1);
  }
}

TopTerminal::~TopTerminal() {
  endwin();
  delscreen(screen_);
}

ScreenSize TopTerminal::size() const {
  return {static_cast<std::size_t>(getmaxx(stdscr)), static_cast<std::size_t>(getmaxy(stdscr))};
}

void TopTerminal::resize() {
  winsize window{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0) return;
  if (window.ws_row == 0 || window.ws_col == 0) return;
  resizeterm(window.ws_row, window.ws_col);
  clearok(stdscr, true);
}

void TopTerminal::paint(const std::vector<StyledLine>& lines) {
  erase();
  int row = 0;
  for (const StyledLine& line : lines) {
    move(row++, 0);
    for (const Span& span : line) {
      attrset(static_cast<int>(attributes(span.style, colour_)));
      addnstr(span.text.data(), static_cast<int>(span.text.size()));
    }
  }
  attrset(A_NORMAL);
  refresh();
}

std::optional<TopTerminal::Key> TopTerminal::key() {
  switch (getch()) {
    case ERR:
      return std::nullopt;
    case 'q':
    case 'Q':
      return Key::quit;
    case '\t':
    case KEY_RIGHT:
      return Key::next_run;
    case KEY_BTAB:
    case KEY_LEFT:
      return Key::previous_run;
    case KEY_UP:
      return Key::labels_up;
    case KEY_DOWN:
      return Key::labels_down;
    default:
      return Key::other;
  }
}

}  // namespace weir::tools
