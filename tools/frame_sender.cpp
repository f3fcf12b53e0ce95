#include "tools/frame_sender.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "schema/duration.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookForStop{50};

bool is_readable(int file) {
  pollfd entry{file, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

}  // namespace

FrameSender::FrameSender(std::string to, const runners::CurveOptions& curve,
                         std::chrono::milliseconds timeout, int stop_file)
    : to_(std::move(to)),
      keyed_(!curve.key_file.empty()),
      timeout_(timeout),
      stop_file_(stop_file),
      socket_({.to = to_,
               .send_timeout = std::chrono::milliseconds{1},
               .linger = kLinger,
               .curve = curve}) {}

FrameSender::Outcome FrameSender::wait_for_broker() {
  const auto give_up = Clock::now() + timeout_;
  while (!socket_.wait_ready(kLookForStop)) {
    if (is_readable(stop_file_)) return Outcome::stopped;
    if (Clock::now() >= give_up) return Outcome::no_broker;
  }
  return Outcome::sent;
}

FrameSender::Outcome FrameSender::send(std::string_view frame) {
  while (!socket_.send(frame)) {
    const Outcome waited = wait_for_broker();
    if (waited != Outcome::sent) return waited;
  }
  ++sent_;
  return Outcome::sent;
}

std::string FrameSender::close() {
  const runners::Flush flush = socket_.close();
  if (flush.disconnects > 0) {
    return "unknown how much of it arrived: the connection to " + to_ + " broke " +
           std::to_string(flush.disconnects) + (flush.disconnects == 1 ? " time" : " times");
  }
  if (!flush.complete) {
    return "unknown how much of it arrived: the broker at " + to_ + " did not take all of it in " +
           schema::format_duration(kLinger);
  }
  return {};
}

std::string FrameSender::no_broker_text() const {
  return "no broker at " + to_ + ": nothing there took a message for " +
         schema::format_duration(timeout_) +
         (keyed_ ? "; or the keys are not those that it knows" : "");
}

}  // namespace weir::tools
