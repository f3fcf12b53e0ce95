#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include <unistd.h>

#include "tools/command.hpp"
#include "tools/feed_options.hpp"
#include "tools/feed_reader.hpp"
#include "tools/key_options.hpp"
#include "tools/line_output.hpp"
#include "tools/live_board.hpp"
#include "tools/stop_signals.hpp"
#include "tools/styled_text.hpp"
#include "tools/top_screen.hpp"
#include "tools/top_terminal.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

// How often the screen is drawn when nothing comes, so that silence shows.
constexpr std::chrono::milliseconds kIdle{1000};
// Messages taken before keys and the screen get their turn.
constexpr int kMessagesPerTurn = 1000;

struct Options {
  std::string run;
  std::string feed;
  runners::CurveOptions curve{};
};

std::vector<std::string> topics(const Options& options) {
  if (options.run.empty() || options.run == "last") return {"summary/", "broker/"};
  std::vector<std::string> out = topics_of_run("summary", options.run);
  out.emplace_back("broker/");
  return out;
}

// Whether top shows a message: of one run only its own, and the broker's.
bool is_shown(const FeedMessage& message, const Options& options) {
  if (options.run.empty() || options.run == "last") return true;
  return message.topic == "broker/" || is_of_run(message, options.run);
}

double seconds_since(Clock::time_point then, Clock::time_point now) {
  return std::chrono::duration<double>(now - then).count();
}

class FullScreen {
 public:
  explicit FullScreen(const Options& options)
      : options_(options),
        reader_(options.feed, topics(options), FeedReader::Kind::feed, options.curve) {}

  int run() {
    for (;;) {
      paint();
      if (!reader_.wait(kIdle, std::array{signals_.file(), STDIN_FILENO})) return kOk;
      for (int i = 0; i < kMessagesPerTurn; ++i) {
        const std::optional<FeedMessage> message = reader_.receive();
        if (!message) break;
        if (!is_shown(*message, options_)) continue;
        board_.apply(message->topic, message->body, Clock::now());
      }
      while (const std::optional<int> signal = signals_.take()) {
        if (*signal != SIGWINCH) return kOk;
        terminal_.resize();
      }
      while (const std::optional<TopTerminal::Key> key = terminal_.key()) {
        if (*key == TopTerminal::Key::quit) return kOk;
        act(*key);
      }
    }
  }

 private:
  void act(TopTerminal::Key key) {
    using Key = TopTerminal::Key;
    if (key == Key::next_run) board_.select_next();
    if (key == Key::previous_run) board_.select_previous();
    if (key == Key::next_run || key == Key::previous_run) first_label_ = 0;
    const LiveRun* run = board_.selected();
    const std::size_t labels = run == nullptr ? 0 : run->summary.labels.size();
    if (key == Key::labels_up && first_label_ > 0) --first_label_;
    if (key == Key::labels_down && first_label_ + 1 < labels) ++first_label_;
  }

  void paint() {
    const Clock::time_point now = Clock::now();
    TopView view;
    view.endpoint = options_.feed;
    view.run = board_.selected();
    view.position = board_.position();
    view.runs = board_.size();
    view.broker = board_.broker();
    view.first_label = first_label_;
    if (board_.heard()) view.feed_silent_s = seconds_since(*board_.heard(), now);
    if (view.run != nullptr) view.run_silent_s = seconds_since(view.run->seen, now);
    terminal_.paint(top_screen(view, terminal_.size()));
  }

  Options options_;
  StopSignals signals_{StopSignals::With::window_changes};
  FeedReader reader_;
  LiveBoard board_;
  TopTerminal terminal_{may_colour(STDOUT_FILENO)};
  std::size_t first_label_ = 0;
};

int plain_lines(const Options& options) {
  StopSignals signals;
  FeedReader reader(options.feed, topics(options), FeedReader::Kind::feed, options.curve);
  LineOutput output(STDOUT_FILENO, signals.file());
  LiveBoard board;
  const bool one_run = !options.run.empty() && options.run != "last";
  while (!signals.stop_requested()) {
    reader.wait(kIdle, std::array{signals.file()});
    while (const std::optional<FeedMessage> message = reader.receive()) {
      if (!is_shown(*message, options)) continue;
      const LiveRun* run = board.apply(message->topic, message->body, Clock::now());
      if (run == nullptr || (options.run == "last" && run != board.selected())) continue;
      if (!output.write_line(top_line(*run))) return kOk;
      if (one_run && run->summary.final) return kOk;
    }
  }
  return kOk;
}

bool has_full_screen() {
  const char* name = std::getenv("TERM");
  const bool known = name != nullptr && *name != '\0' && std::string{name} != "dumb";
  return known && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

}  // namespace

Run add_top(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("RUN", options->run, "run_id, number, or last; all runs without")
      ->type_name("");
  add_feed_option(command, options->feed);
  add_key_options(command, options->curve);
  command.footer(
      "Shows the run that started last; Tab and the arrows left and right show the others, up and\n"
      "down scroll its labels, q quits. Without a terminal it prints one line a summary and, if\n"
      "RUN is given, ends with the run.\n"
      "Example:\n  weir top\n  weir top checkout-7 --feed tcp://10.0.0.5:7073");
  return
      [options] { return has_full_screen() ? FullScreen{*options}.run() : plain_lines(*options); };
}

}  // namespace weir::tools
