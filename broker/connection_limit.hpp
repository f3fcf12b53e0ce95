#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace weir::broker {

// libzmq's timer for handshakes may be late by a turn of its loop.
inline constexpr std::chrono::milliseconds kTimerLate{1'000};

// Open connections as the sockets' monitors tell them.
struct OpenConnections {
  std::size_t settled = 0;  // open for longer than a handshake may take: they were let in
  std::size_t young = 0;    // let in, refused, or still to be asked about
  friend OpenConnections operator+(const OpenConnections& one, const OpenConnections& other) {
    return {one.settled + other.settled, one.young + other.young};
  }
};

// How many connections may be open at a time. libzmq does not say which of the young ones were let
// in, so the figure is an upper bound until they have settled: it may refuse too early for as long
// as a handshake may take, and never too late. Peers that do not complete a handshake take nobody's
// place. Used by one thread; memory is bounded by the limit.
class ConnectionLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // With a `max` of 0 there is no limit.
  ConnectionLimit(std::size_t max, std::chrono::milliseconds handshake)
      : max_(max), handshake_(handshake) {}

  // The latest count.
  void seen(const OpenConnections& open);

  // Whether one more may be let in, which is then counted.
  bool admit(Clock::time_point now);

 private:
  std::size_t max_;
  std::chrono::milliseconds handshake_;
  OpenConnections open_;
  std::size_t unseen_ = 0;                  // let in since seen()
  std::deque<Clock::time_point> admitted_;  // those that may not have settled, at most max_
};

}  // namespace weir::broker
