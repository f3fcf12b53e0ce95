#include "tools/bench_sender.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "runners/cpp/acked_session.hpp"
#include "tools/bench_push_socket.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;
using runners::AckedSession;
using schema::Timestamp;

constexpr std::chrono::milliseconds kPatience{10'000};
// Frames are due in bursts so far apart.
constexpr std::chrono::microseconds kBurst{1'000};

Timestamp utc_now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

// By the absolute time, so that bursts that came late make none of the following late.
void sleep_until(Clock::time_point when) {
  const auto since = when.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  const timespec until{static_cast<time_t>(seconds.count()),
                       static_cast<long>(std::chrono::nanoseconds{since - seconds}.count())};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

// Where frames go.
class Way {
 public:
  virtual ~Way() = default;
  virtual void send(std::size_t connection, std::string_view frame) = 0;
  // Waits until what was sent is where it should be, if that can be known.
  virtual void settle() {}
};

class Plain : public Way {
 public:
  explicit Plain(const BenchOpen& open) : sockets_(open.endpoint, open.connections, kPatience) {}
  void send(std::size_t connection, std::string_view frame) override {
    sockets_.send(connection, frame);
  }

 private:
  BenchPushSockets sockets_;
};

// Each connection is one worker that keeps its batches until they are acknowledged.
class Acked : public Way {
 public:
  explicit Acked(const BenchOpen& open) {
    for (std::size_t i = 0; i < open.connections; ++i) {
      runners::AckedSessionOptions options;
      options.to = open.endpoint;
      options.worker_id = bench_worker_id(i);
      sessions_.push_back(std::make_unique<AckedSession>(options));
    }
    for (const auto& session : sessions_) {
      if (!session->wait_welcome(kPatience)) throw std::runtime_error("no welcome by the broker");
    }
  }

  void send(std::size_t connection, std::string_view frame) override {
    AckedSession& session = *sessions_[connection];
    const AckedSession::Put put = session.put(frame, kPatience);
    if (put != AckedSession::Put::taken) {
      throw std::runtime_error("a batch was not taken: " + session.figures().failure);
    }
    ++sent_;
  }

  void settle() override {
    std::uint64_t acknowledged = 0;
    for (const auto& session : sessions_) {
      session->finish();
      while (!session->wait_settled(kPatience)) check_progress(*session);
      acknowledged += session->figures().acknowledged;
    }
    if (acknowledged != sent_) {
      throw std::runtime_error("sent " + std::to_string(sent_) + ", acknowledged " +
                               std::to_string(acknowledged));
    }
  }

 private:
  void check_progress(const AckedSession& session) {
    const std::uint64_t below = session.figures().acknowledged_below;
    if (below == std::exchange(below_, below)) {
      throw std::runtime_error("a batch was not acknowledged: " + session.figures().failure);
    }
  }

  std::vector<std::unique_ptr<AckedSession>> sessions_;
  std::uint64_t sent_ = 0;
  std::uint64_t below_ = 0;
};

class Sender {
 public:
  explicit Sender(const BenchOpen& open)
      : open_(open), messages_(open.traffic), each_(hits_per_frame(open.traffic.form)) {
    if (open.acked) {
      way_ = std::make_unique<Acked>(open);
    } else {
      way_ = std::make_unique<Plain>(open);
    }
  }

  BenchSent go(const BenchGo& go) {
    sent_ = {};
    sent_.began_us = utc_now().time_since_epoch().count();
    const Clock::time_point began = Clock::now();
    for (std::size_t worker = 0; worker < open_.traffic.workers; ++worker) {
      send(worker, messages_.start_message(worker));
    }
    if (go.rate_per_s == 0) {
      send_frames(go.frames);
    } else {
      send_paced(go, began);
    }
    for (std::size_t worker = 0; worker < open_.traffic.workers; ++worker) {
      send(worker, messages_.stop_message(worker));
    }
    way_->settle();
    sent_.elapsed_ns =
        static_cast<std::uint64_t>((Clock::now() - began) / std::chrono::nanoseconds{1});
    return sent_;
  }

 private:
  void send(std::size_t worker, std::string_view frame) {
    way_->send(worker % open_.connections, frame);
    ++sent_.frames;
    sent_.bytes += frame.size();
  }

  void send_frames(std::uint64_t count) {
    for (; count > 0; --count, ++next_) {
      send(messages_.worker_of(next_), messages_.frame(next_, utc_now()));
      sent_.hits += each_;
      sent_.failed += messages_.failed_in(next_);
    }
  }

  void send_paced(const BenchGo& go, Clock::time_point began) {
    const double frames_per_ns =
        static_cast<double>(go.rate_per_s) / static_cast<double>(each_) / 1e9;
    std::uint64_t done = 0;
    for (std::int64_t burst = 1; done < go.frames; ++burst) {
      const Clock::duration due_at = burst * kBurst;
      const auto due = static_cast<std::uint64_t>(
          frames_per_ns * static_cast<double>(std::chrono::nanoseconds{due_at}.count()));
      const std::uint64_t until = std::min(due, go.frames);
      sleep_until(began + due_at);
      send_frames(until - done);
      done = until;
    }
  }

  BenchOpen open_;
  BenchMessages messages_;
  std::size_t each_;
  std::unique_ptr<Way> way_;
  std::uint64_t next_ = 0;  // number of the next frame
  BenchSent sent_;
};

}  // namespace

int run_bench_sender() {
  std::unique_ptr<Sender> sender;
  for (std::string line; std::getline(std::cin, line);) {
    if (const auto open = open_from_line(line)) {
      sender.reset();
      sender = std::make_unique<Sender>(*open);
      std::cout << "ready" << std::endl;
    } else if (const auto go = go_from_line(line); go && sender) {
      std::cout << to_line(sender->go(*go)) << std::endl;
    } else {
      throw std::runtime_error("the sender does not understand '" + line + "'");
    }
  }
  return 0;
}

}  // namespace weir::tools
