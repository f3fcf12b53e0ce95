#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "runners/cpp/http_hit.hpp"

namespace weir::runners {

// The crossing from the load loop to the reporter: bounded, and the loop never waits for it. One
// thread puts, one takes.
class HitQueue {
 public:
  explicit HitQueue(std::size_t capacity) : capacity_(capacity) { hits_.reserve(capacity); }

  // If the queue is full the hit is only counted in refused(). Wakes nobody: the taker looks for
  // itself, so that putting is never a system call.
  void put(const HttpHit& hit);
  // Replaces the contents of `hits` by all there are, oldest first; waits up to `timeout` for the
  // queue to be closed, not for hits. False once the queue is closed and empty.
  bool take(std::vector<HttpHit>& hits, std::chrono::milliseconds timeout);
  // No more will be put.
  void close();
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;  // guards hits_ and closed_
  std::condition_variable closed_signal_;
  std::vector<HttpHit> hits_;
  bool closed_ = false;
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace weir::runners
