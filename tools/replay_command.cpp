#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <poll.h>

#include "runners/cpp/client.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/figure_text.hpp"
#include "tools/frame_sender.hpp"
#include "tools/ingest_options.hpp"
#include "tools/key_options.hpp"
#include "tools/line_input.hpp"
#include "tools/progress_line.hpp"
#include "tools/replay_lines.hpp"
#include "tools/stop_signals.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kBrokerTimeout{5};
constexpr double kSpeedMax = 1'000'000;

struct Options {
  std::string file;
  std::string to;
  runners::CurveOptions curve{};
  std::string speed = "1";
  std::string run_id;
  bool keep_times = false;
  bool quiet = false;
};

schema::Timestamp now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

// 0 for `max`; negative if the text is no speed.
double speed_of(const std::string& text) {
  if (text == "max") return 0;
  double speed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, speed);
  const bool good = error == std::errc{} && stop == end && speed > 0 && speed <= kSpeedMax;
  return good && speed >= 1 / kSpeedMax ? speed : -1;
}

std::string check_speed(const std::string& text) {
  return speed_of(text) < 0 ? "'" + text + "' is not a factor such as 1, 0.5 or 10, nor max" : "";
}

int complain(const std::string& why) { return tools::complain("replay", why); }

class Replay {
 public:
  explicit Replay(const Options& options)
      : options_(options),
        input_(options.file, signals_->file()),
        sender_(runners::complete_endpoint(options.to), options.curve, kBrokerTimeout,
                signals_->file()) {}

  int run() {
    int code = kOk;
    const FrameSender::Outcome ready = sender_.wait_for_broker();
    if (ready == FrameSender::Outcome::no_broker) return complain(sender_.no_broker_text());
    start_ = Clock::now();
    ReplayLines lines{{speed_of(options_.speed), options_.keep_times, options_.run_id}, now()};
    if (ready == FrameSender::Outcome::stopped) code = interrupted_at(1);
    if (ready == FrameSender::Outcome::sent) code = replay(lines);
    // From here on a signal ends the program at once; the one that was asked for has been heard.
    signals_->stop_requested();
    signals_.reset();
    const std::string doubt = sender_.close();
    std::cout << "sent " << sender_.sent() << " messages in "
              << decimal_text(std::chrono::duration<double>(Clock::now() - start_).count()) << " s";
    if (interrupted_at_ > 0) std::cout << ", interrupted at line " << interrupted_at_;
    std::cout << '\n';
    if (lines.unreadable() > 0) {
      std::cerr << lines.unreadable() << " lines were no loads messages: sent as they were\n";
    }
    return doubt.empty() ? code : complain(doubt);
  }

 private:
  int replay(ReplayLines& lines) {
    ProgressLine progress{options_.quiet};
    int code = kOk;
    std::string_view line;
    for (;;) {
      const LineInput::Kind kind = input_.next(line);
      if (kind == LineInput::Kind::stopped && input_.has_more()) {
        return interrupted_at(input_.number() + 1);
      }
      if (kind == LineInput::Kind::end || kind == LineInput::Kind::stopped) return code;
      if (kind == LineInput::Kind::too_long) {
        code = complain("line " + std::to_string(input_.number()) + ": longer than " +
                        std::to_string(LineInput::kLineBytes) + " bytes");
        continue;
      }
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      lines.read(line, now());
      if (lines.due() && !wait_until(start_ + *lines.due(), progress)) {
        return interrupted_at(input_.number());
      }
      for (const std::string_view frame : lines.frames()) {
        const FrameSender::Outcome outcome = sender_.send(frame);
        if (outcome == FrameSender::Outcome::stopped) return interrupted_at(input_.number());
        if (outcome == FrameSender::Outcome::no_broker) {
          return complain("line " + std::to_string(input_.number()) +
                          " and what follows not sent: " + sender_.no_broker_text());
        }
      }
      if (progress.due()) progress.show(progress_text());
    }
  }

  // Remembers the first line that was not sent, for the summary.
  int interrupted_at(std::uint64_t line) {
    interrupted_at_ = line;
    return kFailed;
  }

  // False if the user stopped.
  bool wait_until(Clock::time_point due, ProgressLine& progress) {
    for (auto left = due - Clock::now(); left.count() > 0; left = due - Clock::now()) {
      const auto nap = std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds{500});
      const timespec timeout{0, static_cast<long>(nap.count())};
      pollfd stop{signals_->file(), POLLIN, 0};
      if (ppoll(&stop, 1, &timeout, nullptr) == 1) return false;
      if (progress.due()) {
        progress.show(progress_text() + ", next in " +
                      span_text(std::chrono::duration<double>(due - Clock::now()).count()));
      }
    }
    return true;
  }

  std::string progress_text() const {
    std::string text = "sent " + count_text(sender_.sent()) + " messages";
    if (input_.percent() >= 0) text += " (" + std::to_string(input_.percent()) + " %)";
    return text;
  }

  const Options options_;
  std::unique_ptr<StopSignals> signals_ = std::make_unique<StopSignals>();
  LineInput input_;
  FrameSender sender_;
  Clock::time_point start_;
  std::uint64_t interrupted_at_ = 0;  // 0: was not
};

}  // namespace

Run add_replay(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("FILE", options->file, "recorded messages, one a line; - is standard input")
      ->required()
      ->type_name("");
  command.add_option("--speed", options->speed, "1 as recorded, 10 ten times as fast, or max")
      ->type_name("X")
      ->capture_default_str()
      ->check(check_speed);
  command.add_option("--run-id", options->run_id, "report as this run, not as the recorded one")
      ->type_name("ID")
      ->check(check_id);
  command.add_flag("--keep-times", options->keep_times,
                   "leave the recorded times; without --run-id every line stays byte for byte");
  add_to_option(command, options->to);
  add_key_options(command, options->curve);
  command.add_flag("-q,--quiet", options->quiet, "no progress on stderr");
  command.footer(
      "Sends what `weir tail --relay EP` has recorded, or any lines that `weir send` takes, at "
      "the\n"
      "pace of their times; lines without one follow at once. Times are moved to now, since a\n"
      "broker counts hits that ended before their run began at their arrival. A broker that\n"
      "knows the recorded run takes the messages for late ones: give a --run-id. Exit 1 if not "
      "all\n"
      "of it was sent, as after an interrupt before the end.\n"
      "Example:\n  weir replay run.jsonl --run-id again --speed 10");
  return [options] { return Replay{*options}.run(); };
}

}  // namespace weir::tools
