#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <unistd.h>

#include "runners/cpp/client.hpp"
#include "schema/duration.hpp"
#include "tools/acked_send.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/feed_options.hpp"
#include "tools/figure_text.hpp"
#include "tools/frame_sender.hpp"
#include "tools/ingest_options.hpp"
#include "tools/key_options.hpp"
#include "tools/line_input.hpp"
#include "tools/progress_line.hpp"
#include "tools/stop_signals.hpp"

namespace weir::tools {
namespace {

struct Options {
  std::string file = "-";
  std::string to;
  runners::CurveOptions curve{};
  std::string timeout = "5s";
  std::string worker_id;
  bool acked = false;
  bool quiet = false;
};

std::chrono::milliseconds milliseconds_of(const std::string& duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(*schema::parse_duration(duration));
}

int complain(const std::string& why) { return tools::complain("send", why); }

class Send {
 public:
  explicit Send(const Options& options)
      : quiet_(options.quiet),
        input_(options.file, signals_->file()),
        sender_(runners::complete_endpoint(options.to), options.curve,
                milliseconds_of(options.timeout), signals_->file()) {}

  int run() {
    int code = kOk;
    const FrameSender::Outcome ready = sender_.wait_for_broker();
    if (ready == FrameSender::Outcome::no_broker) return complain(sender_.no_broker_text());
    if (ready == FrameSender::Outcome::stopped) code = interrupted_at(1);
    if (ready == FrameSender::Outcome::sent) code = send_lines();
    // From here on a signal ends the program at once; the one that was asked for has been heard.
    signals_->stop_requested();
    signals_.reset();
    const std::string doubt = sender_.close();
    std::cout << "sent " << sender_.sent();
    if (not_sent_ > 0) std::cout << ", not sent " << not_sent_;
    if (interrupted_at_ > 0) std::cout << ", interrupted at line " << interrupted_at_;
    std::cout << '\n';
    return doubt.empty() ? code : complain(doubt);
  }

 private:
  int send_lines() {
    ProgressLine progress{quiet_};
    std::string_view line;
    for (;;) {
      switch (input_.next(line)) {
        case LineInput::Kind::stopped:
          if (input_.has_more()) return interrupted_at(input_.number() + 1);
          [[fallthrough]];
        case LineInput::Kind::end:
          return not_sent_ > 0 ? kFailed : kOk;
        case LineInput::Kind::too_long:
          ++not_sent_;
          complain("line " + std::to_string(input_.number()) + ": longer than " +
                   std::to_string(LineInput::kLineBytes) + " bytes");
          break;
        case LineInput::Kind::line:
          if (!is_blank(line) && !send_line(line)) return kFailed;
          break;
      }
      if (progress.due()) progress.show(progress_text());
    }
  }

  // False if it is no use to go on.
  bool send_line(std::string_view line) {
    const FrameSender::Outcome outcome = sender_.send(line);
    if (outcome == FrameSender::Outcome::sent) return true;
    if (outcome == FrameSender::Outcome::stopped) {
      interrupted_at(input_.number());
      return false;
    }
    ++not_sent_;
    complain("line " + std::to_string(input_.number()) +
             " and what follows not sent: " + sender_.no_broker_text());
    return false;
  }

  // Remembers the first line that was not sent, for the summary.
  int interrupted_at(std::uint64_t line) {
    interrupted_at_ = line;
    return kFailed;
  }

  std::string progress_text() const {
    std::string text = "sent " + count_text(sender_.sent());
    if (input_.percent() >= 0) text += " (" + std::to_string(input_.percent()) + " %)";
    return text;
  }

  bool quiet_;
  std::unique_ptr<StopSignals> signals_ = std::make_unique<StopSignals>();
  LineInput input_;
  FrameSender sender_;
  std::uint64_t not_sent_ = 0;
  std::uint64_t interrupted_at_ = 0;  // 0: was not
};

}  // namespace

Run add_send(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("FILE", options->file, "what to send; - is standard input, the default")
      ->type_name("");
  add_to_option(command, options->to);
  add_key_options(command, options->curve);
  command.add_option("--timeout", options->timeout, "how long to wait for a broker, at any time")
      ->type_name("DURATION")
      ->capture_default_str()
      ->check(check_duration);
  CLI::Option* acked =
      command.add_flag("--acked", options->acked,
                       "to the broker's acked endpoint (default WEIR_ACKED, else\n"
                       "tcp://127.0.0.1:7072): lines are kept and sent again until the\n"
                       "broker has them on disk, and each counts once");
  command.add_option("--worker-id", options->worker_id, "who sends; default <hostname>-<pid>")
      ->type_name("ID")
      ->needs(acked)
      ->check(check_id);
  command.add_flag("-q,--quiet", options->quiet, "no progress on stderr");
  command.footer(
      "Each line is one message, sent as it is and as it comes; blank lines are skipped. Ends\n"
      "with the number sent, and exit 1 if not all of it was, as after an interrupt before the "
      "end\n"
      "of a file. With --acked it ends with the number acknowledged too, names the lines of a\n"
      "batch that the broker could not read, and exits 1 unless all were acknowledged.\n"
      "Example:\n  echo '{\"data_type\":\"add_hit\",\"worker_id\":\"sh\",\"url\":\"/\","
      "\"method\":\"GET\",\"status\":200,\"elapsed\":0.012}' |\n    weir send\n"
      "  weir send messages.jsonl --to tcp://127.0.0.1:7071\n"
      "  weir send --acked messages.jsonl");
  return [options] {
    if (!options->acked) return Send{*options}.run();
    return send_acked({options->file, options->to, options->worker_id,
                       milliseconds_of(options->timeout), options->quiet, options->curve});
  };
}

}  // namespace weir::tools
