#include "tools/acked_send.hpp"

#include <cstdint>
#include <deque>
#include <iostream>
#include <memory>
#include <string_view>
#include <utility>

#include "runners/cpp/acked_client.hpp"
#include "schema/duration.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/figure_text.hpp"
#include "tools/line_input.hpp"
#include "tools/progress_line.hpp"
#include "tools/stop_signals.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

using runners::AckedFigures;
using runners::AckedSession;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{50};  // how often signals and the time are looked at

int complain(const std::string& why) { return tools::complain("send", why); }

runners::AckedSessionOptions session_options(const AckedSendOptions& options) {
  runners::AckedOptions given;
  given.to = options.to;
  given.worker_id = options.worker_id;
  given = runners::complete(std::move(given));
  runners::AckedSessionOptions session;
  session.to = given.to;
  session.worker_id = given.worker_id;
  session.token = given.token;
  session.curve = options.curve;
  return session;
}

// Which lines a batch holds.
struct LineRange {
  std::uint64_t seq;
  std::uint64_t first;
  std::uint64_t last;
};

std::string lines_text(const LineRange& lines) {
  if (lines.first == lines.last) return "line " + std::to_string(lines.first);
  return "lines " + std::to_string(lines.first) + "-" + std::to_string(lines.last);
}

class AckedSend {
 public:
  explicit AckedSend(const AckedSendOptions& options)
      : timeout_(options.timeout),
        to_(runners::complete_acked_endpoint(options.to)),
        input_(options.file, signals_->file()),
        session_(session_options(options)),
        progress_(std::make_unique<ProgressLine>(options.quiet)) {}

  int run() {
    if (!wait_for_broker()) return kFailed;
    if (interrupted_at_ == 0) send_lines();
    // From here on a signal ends the program at once; the one that was asked for has been heard.
    signals_->stop_requested();
    signals_.reset();
    session_.finish();
    const bool settled = wait_settled();
    session_.close();
    progress_.reset();
    name_refused();
    return summary(settled);
  }

 private:
  enum class Wait : std::uint8_t { on, stopped, over };

  // False, and said why, if there is none.
  bool wait_for_broker() {
    heard_ = Clock::now();
    while (!session_.wait_welcome(kLook)) {
      const Wait wait = look();
      if (wait == Wait::over) complain(no_answer_text());
      if (wait == Wait::stopped) interrupted_at_ = 1;
      if (wait != Wait::on) return wait == Wait::stopped;
    }
    return true;
  }

  void send_lines() {
    std::string_view line;
    for (;;) {
      switch (input_.next(line)) {
        case LineInput::Kind::stopped:
          if (input_.has_more()) interrupted_at_ = input_.number() + 1;
          return;
        case LineInput::Kind::end:
          return;
        case LineInput::Kind::too_long:
          not_sent(std::to_string(LineInput::kLineBytes));
          break;
        case LineInput::Kind::line:
          if (!is_blank(line) && !send_line(line)) return;
          break;
      }
      if (progress_->due()) progress_->show(progress_text());
    }
  }

  void not_sent(const std::string& most) {
    ++not_sent_;
    complain("line " + std::to_string(input_.number()) + ": longer than " + most + " bytes");
  }

  // False if it is no use to go on.
  bool send_line(std::string_view line) {
    for (heard_ = Clock::now();;) {
      switch (session_.put(line, kLook)) {
        case AckedSession::Put::taken:
          remember_line();
          return true;
        case AckedSession::Put::too_large:
          not_sent("the broker takes, which is " + std::to_string(session_.max_message_bytes()));
          return true;
        case AckedSession::Put::full:
        case AckedSession::Put::ended:
          break;
      }
      const Wait wait = look();
      if (wait == Wait::on) continue;
      if (wait == Wait::stopped) {
        interrupted_at_ = input_.number();
      } else {
        ++not_sent_;
        complain("line " + std::to_string(input_.number()) +
                 " and what follows not sent: " + no_answer_text());
      }
      return false;
    }
  }

  void remember_line() {
    ++sent_;
    const std::uint64_t seq = session_.last_batch();
    const std::uint64_t number = input_.number();
    if (!ranges_.empty() && ranges_.back().seq == seq) {
      ranges_.back().last = number;
      return;
    }
    name_refused();
    ranges_.push_back({seq, number, number});
  }

  // Whether to wait on: the broker has acknowledged something within the timeout, nobody asked to
  // stop, and it has not refused to go on.
  Wait look() {
    const AckedFigures figures = session_.figures();
    if (!figures.failure.empty()) return Wait::over;
    if (std::exchange(acknowledged_below_, figures.acknowledged_below) !=
        figures.acknowledged_below) {
      heard_ = Clock::now();
    }
    if (signals_ && signals_->stop_requested()) return Wait::stopped;
    if (progress_->due()) progress_->show(progress_text());
    return Clock::now() - heard_ >= timeout_ ? Wait::over : Wait::on;
  }

  bool wait_settled() {
    heard_ = Clock::now();
    while (!session_.wait_settled(kLook)) {
      if (look() == Wait::over) return false;
    }
    return true;
  }

  void name_refused() {
    const std::uint64_t below = session_.figures().acknowledged_below;
    for (const runners::RefusedBatch& batch : session_.take_refused()) {
      for (const LineRange& range : ranges_) {
        if (range.seq == batch.seq) {
          complain(lines_text(range) + " refused: " + printable(batch.why));
        }
      }
    }
    while (!ranges_.empty() && ranges_.front().seq < below) ranges_.pop_front();
  }

  int summary(bool settled) {
    const AckedFigures figures = session_.figures();
    std::cout << "sent " << sent_ << ", acknowledged " << figures.acknowledged;
    if (figures.refused > 0) std::cout << ", refused " << figures.refused;
    if (figures.unacknowledged > 0) std::cout << ", not acknowledged " << figures.unacknowledged;
    if (not_sent_ > 0) std::cout << ", not sent " << not_sent_;
    if (interrupted_at_ > 0) std::cout << ", interrupted at line " << interrupted_at_;
    std::cout << '\n' << std::flush;
    if (settled && !figures.failure.empty()) complain(no_answer_text());
    if (!settled) {
      complain("unknown whether " + std::to_string(figures.unacknowledged) + " of " +
               std::to_string(sent_) + " arrived: " + no_answer_text());
    }
    const bool whole = settled && figures.failure.empty() && figures.refused == 0 &&
                       not_sent_ == 0 && interrupted_at_ == 0;
    return whole ? kOk : kFailed;
  }

  std::string no_answer_text() const {
    const std::string failure = session_.figures().failure;
    if (!failure.empty()) return "the broker at " + to_ + " says " + printable(failure);
    const bool met = session_.wait_welcome(std::chrono::milliseconds{0});
    const std::string who = met ? "the broker at " + to_ + " acknowledged nothing for "
                                : "no broker at " + to_ + ": nothing there answered for ";
    return who + schema::format_duration(timeout_);
  }

  std::string progress_text() const {
    std::string text = "sent " + count_text(sent_);
    if (input_.percent() >= 0) text += " (" + std::to_string(input_.percent()) + " %)";
    return text + ", acknowledged " + count_text(session_.figures().acknowledged);
  }

  std::chrono::milliseconds timeout_;
  std::string to_;
  std::unique_ptr<StopSignals> signals_ = std::make_unique<StopSignals>();  // before the threads
  LineInput input_;
  AckedSession session_;
  std::unique_ptr<ProgressLine> progress_;
  std::deque<LineRange> ranges_;  // of the batches that are not acknowledged
  Clock::time_point heard_;       // when the broker last acknowledged something
  std::uint64_t acknowledged_below_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t not_sent_ = 0;
  std::uint64_t interrupted_at_ = 0;  // 0: was not
};

}  // namespace

int send_acked(const AckedSendOptions& options) { return AckedSend{options}.run(); }

}  // namespace weir::tools
